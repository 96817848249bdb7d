import type { PublishResult } from '../contract/endpoint.js';
import { SluiceError } from '../contract/errors.js';
import { exceedsBounds } from '../contract/header-bounds.js';
import type { Message } from '../contract/message.js';

type Publish = (messages: readonly Message[]) => Promise<readonly PublishResult[]>;

/** Publishes the messages whose headers are within their bounds; the others have `TOO_MANY_HEADERS` as their results. */
export async function publishBounded(
  messages: readonly Message[],
  publish: Publish,
): Promise<readonly PublishResult[]> {
  const within = messages.filter((message) => !exceedsBounds(message));
  const published = within.length === 0 ? [] : await publish(within);
  let next = 0;
  return messages.map((message): PublishResult => {
    if (!exceedsBounds(message)) return published[next++] as PublishResult;
    return { ok: false, error: new SluiceError('TOO_MANY_HEADERS') };
  });
}
