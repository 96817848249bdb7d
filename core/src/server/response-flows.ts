import type { EntrypointResponse } from '../contract/entrypoint.js';
import { SluiceError } from '../contract/errors.js';
import { CONNECTION_HEADERS } from '../contract/header-names.js';
import type { MaybePromise } from '../contract/policy.js';
import type { ExchangeFlows } from '../runtime/flow/flow-engine.js';
import type { ExchangeContext } from './exchange-context.js';
import { release } from './release.js';
import { assertHeaders } from './response-headers.js';

/**
 * The answer as policies leave it: the entrypoint's own headers, under those that policies have set in any phase, then
 * what the response phase makes of both.
 * @throws SluiceError of a policy; the answer is then released
 */
export function throughResponseFlows(
  response: EntrypointResponse,
  flows: ExchangeFlows,
  ctx: ExchangeContext,
): MaybePromise<EntrypointResponse> {
  return ctx.setsHeaders || flows.has('response') ? changed(response, flows, ctx) : response;
}

async function changed(
  response: EntrypointResponse,
  flows: ExchangeFlows,
  ctx: ExchangeContext,
): Promise<EntrypointResponse> {
  const { headers } = ctx.response;
  const own = Object.entries(response.headers ?? {});
  ctx.response.status = response.status;
  for (const [name, value] of own) {
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), [value].flat());
  }
  try {
    await flows.response(ctx, ctx.response);
  } catch (error) {
    await release(response);
    throw error;
  }
  const chosen = [...headers].filter(([name]) => !CONNECTION_HEADERS.has(name));
  try {
    assertHeaders(Object.fromEntries(chosen));
  } catch (cause) {
    await release(response);
    throw new SluiceError('BAD_REQUEST', {
      message: 'A header of the answer cannot hold what the request gave',
      cause,
    });
  }
  const framing = own.filter(([name]) => CONNECTION_HEADERS.has(name.toLowerCase()));
  return { ...response, status: ctx.response.status, headers: Object.fromEntries([...framing, ...chosen]) };
}
