import type { PublishResult } from '../contract/endpoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';

/** Of one message that is published: every reader of it has to carry them. */
const MAX_HEADERS = 1000;
const MAX_BYTES = 262_144;

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

/** Whether a message has more headers, or more bytes in them, than may be published. */
export function exceedsBounds({ headers }: Message): boolean {
  if (headers.length > MAX_HEADERS) return true;
  let bytes = 0;
  // A character of a name is taken for a byte: most are, and the bound is none that has to be exact.
  for (const [name, value] of headers) bytes += name.length + (value?.length ?? 0);
  return bytes > MAX_BYTES;
}
