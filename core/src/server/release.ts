import type { EntrypointResponse } from '../contract/entrypoint.js';
import { CLOSED_SINK } from './socket-sink.js';

/** Lets go of an answer that nobody will see. Never rejects. */
export async function release(response: EntrypointResponse): Promise<void> {
  try {
    if ('abandon' in response) await response.abandon();
    if ('stream' in response) await response.stream(CLOSED_SINK);
  } catch {
    // Nobody waits for what it says.
  }
}
