import type { EndSignal } from './end-signal.js';
import type { ByteSink } from './entrypoint.js';

/** A client that takes nothing while the gateway stops is waited for this long: it resumes with its last cursor. */
const STOP_GRACE_MS = 1000;

/**
 * Waits until a client has taken what was written to it. Resolves with whether it did, or has gone, in time: who did not
 * is cut with `SLOW_CONSUMER`.
 * @param timeoutMs milliseconds; a second at most from when `stopping` is aborted
 * @param stopping absent: a stop changes nothing
 */
export function drainedInTime(sink: ByteSink, timeoutMs: number, stopping?: EndSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (inTime: boolean) => {
      clearTimeout(timer);
      stopping?.removeEventListener('abort', hurry);
      resolve(inTime);
    };
    const late = () => settle(false);
    const hurry = () => {
      clearTimeout(timer);
      timer = setTimeout(late, Math.min(timeoutMs, STOP_GRACE_MS));
    };
    let timer = setTimeout(late, timeoutMs);
    if (stopping?.aborted === true) hurry();
    stopping?.addEventListener('abort', hurry);
    void sink.drained().then(() => settle(true));
  });
}
