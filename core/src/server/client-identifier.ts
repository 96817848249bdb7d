import { createHash } from 'node:crypto';
import type { RequestInfo, SubscriptionInfo } from '../contract/context.js';
import { SluiceError } from '../contract/errors.js';

/** The header and the query parameter by which a client names itself, and the response header that returns it. */
export const CLIENT_IDENTIFIER_HEADER = 'X-Gravitee-Client-Identifier';

const ALLOWED = /^[\x21-\x7e]{1,200}$/;

/**
 * Who reads, much as the definition format computes it: without a name of its own, the SHA-256 of its subscription,
 * which of a key-less client is its address; a given name is kept apart from other addresses by that same suffix, unless it already carries it. Two
 * nameless clients behind one address are one identifier, and so share one consumer group. The API's id goes into
 * the hash, or one client's streams of two APIs would be members of one group with different topics.
 * @throws SluiceError `BAD_REQUEST` when the given name is longer than 200 characters or not visible ASCII
 */
export function clientIdentifier(
  request: RequestInfo,
  apiId: string,
  { id, planId = '' }: Pick<SubscriptionInfo, 'id' | 'planId'>,
): string {
  // Of a key-less client its address, which is its subscription's id, whatever the plan is called.
  const who = id === request.remoteAddress ? id : `${planId} ${id}`;
  const computed = createHash('sha256').update(`${who} ${apiId}`).digest('hex');
  const name = CLIENT_IDENTIFIER_HEADER;
  const given = request.headers.get(name.toLowerCase())?.[0] ?? request.query.get(name);
  if (given === null || given === undefined || given === '') return computed;
  if (!ALLOWED.test(given)) {
    throw new SluiceError('BAD_REQUEST', { message: `${name} must be 1 to 200 visible ASCII characters` });
  }
  return given.endsWith(computed) ? given : `${given}-${computed}`;
}
