import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext, Message } from '@sluice/core';
import { MemoryEndpoint } from '@sluice/core/testing';
import messageFiltering from '../../plugins/policy-message-filtering/src/index.js';
import apiKey from '../../plugins/security-api-key/src/index.js';
import jwt from '../../plugins/security-jwt/src/index.js';
import { apiDefinition, endpointPlugin, startTestGateway, type TestGatewayOptions } from './gateway.js';
import { tracePolicy } from './trace-policy.js';

/** A digest as `*.api-keys.json` files hold it. */
export const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

/** A gateway over one API with plans, deployed from a folder, as the command line does it. */
export async function planGateway(
  plans: readonly object[],
  more: {
    keys?: readonly object[];
    api?: object;
    files?: Readonly<Record<string, object>>;
    http?: TestGatewayOptions['http'];
  } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-plans-'));
  const entrypoints = [
    { type: 'http-post', configuration: { requestHeadersToMessage: true } },
    { type: 'sse', qos: 'none' },
  ];
  const definition = {
    ...apiDefinition({ id: 'orders', endpoint: 'test' }),
    listeners: [{ type: 'http', paths: [{ path: '/orders' }], entrypoints }],
    plans,
    ...more.api,
  };
  await writeFile(join(folder, 'orders.api.json'), JSON.stringify(definition));
  for (const [index, file] of (more.keys ?? []).entries()) {
    await writeFile(join(folder, `${index}.api-keys.json`), JSON.stringify({ api: 'orders', ...file }));
  }
  for (const [name, file] of Object.entries(more.files ?? {})) {
    await writeFile(join(folder, name), JSON.stringify(file));
  }
  const trace: string[] = [];
  const published: { readonly message: Message; readonly ctx: ExecutionContext }[] = [];
  const endpoint = new MemoryEndpoint();
  const store = endpoint.publish.bind(endpoint);
  endpoint.publish = (ctx, messages) => {
    for (const message of messages) published.push({ message, ctx });
    return store(ctx, messages);
  };
  const gateway = await startTestGateway({
    folder,
    ...(more.http === undefined ? {} : { http: more.http }),
    plugins: [apiKey, jwt, messageFiltering, tracePolicy(trace), endpointPlugin(endpoint)],
  });
  const url = `${gateway.url}/orders`;
  const post = (headers: Record<string, string> = {}, query = '') =>
    fetch(`${url}${query}`, { method: 'POST', body: 'x', headers: { accept: '*/*', ...headers } });
  return { ...gateway, url, post, trace, published, endpoint };
}

/** Status, key and challenge of an answer. */
export async function answerOf(response: Response) {
  const text = await response.text();
  const key = text.startsWith('{') ? (JSON.parse(text) as { key: string }).key : text;
  return [response.status, key, response.headers.get('www-authenticate')];
}
