import type { EntrypointResponse } from '../contract/entrypoint.js';
import { CLOSED_SINK } from './socket-sink.js';

/** Lets go of an answer that nobody will see. */
export async function release(response: EntrypointResponse): Promise<void> {
  if ('abandon' in response) await response.abandon().catch(() => undefined);
  if ('stream' in response) await response.stream(CLOSED_SINK).catch(() => undefined);
}
