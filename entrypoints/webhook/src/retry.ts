/** `retry` of a subscription; seconds may have fractions. */
export interface RetryConfig {
  readonly retryOption: 'No Retry' | 'Retry On Fail';
  readonly retryStrategy: 'LINEAR' | 'EXPONENTIAL';
  /** Calls beside the first. */
  readonly maxAttempts: number;
  readonly initialDelaySeconds: number;
  readonly maxDelaySeconds: number;
  /** The part of a delay that chance takes away or adds, 0 to 1. */
  readonly jitter: number;
  readonly timeToLiveSeconds: number;
  readonly maxRetryAfterSeconds: number;
  /** Statuses that are tried again, such as `429` or `5xx`. */
  readonly statuses: readonly string[];
}

/** What is known of a message that was not delivered. */
export interface FailedSoFar {
  /** Failed calls, 1 or more. */
  readonly count: number;
  readonly sinceMs: number;
  /** Absent when there was no answer. */
  readonly status?: number;
  /** What the callback asked for. */
  readonly retryAfterMs?: number;
}

/**
 * How long to wait before the next call, milliseconds; undefined when there is none. Delays grow by the first (or
 * double) up to the greatest, vary by the jitter, and are as long as `Retry-After` asks, up to its cap.
 */
export function nextDelayMs(
  retry: RetryConfig,
  failed: FailedSoFar,
  nowMs: number,
  random: () => number = Math.random,
): number | undefined {
  if (retry.retryOption === 'No Retry' || failed.count > retry.maxAttempts) return undefined;
  if (failed.status !== undefined && !isRetried(retry.statuses, failed.status)) return undefined;
  const first = retry.initialDelaySeconds * 1000;
  const grown = retry.retryStrategy === 'LINEAR' ? first * failed.count : first * 2 ** (failed.count - 1);
  const capped = Math.min(grown, retry.maxDelaySeconds * 1000);
  const own = capped * (1 + retry.jitter * (random() * 2 - 1));
  const asked = Math.min(failed.retryAfterMs ?? 0, retry.maxRetryAfterSeconds * 1000);
  const delay = Math.max(0, own, asked);
  return nowMs + delay - failed.sinceMs > retry.timeToLiveSeconds * 1000 ? undefined : delay;
}

function isRetried(statuses: readonly string[], status: number): boolean {
  const text = String(status);
  return statuses.some((one) => one.toLowerCase() === text || one.toLowerCase() === `${text[0]}xx`);
}

/** Milliseconds of a `Retry-After` (RFC 9110 §10.2.3), seconds or a date; undefined when it is neither. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
