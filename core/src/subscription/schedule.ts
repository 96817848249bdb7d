import type { SubscriptionRecord } from './record.js';

/** Timers of node hold at most 31 bits of milliseconds; longer ones are looked at again then. */
const LONGEST_MS = 2 ** 31 - 1;

/** What a subscription's times say at a moment, and in how many milliseconds to look again; absent when never. */
export function due(
  { startingAt, endingAt }: Pick<SubscriptionRecord, 'startingAt' | 'endingAt'>,
  nowMs: number,
): { readonly now: 'early' | 'running' | 'over'; readonly lookAgainInMs?: number } {
  const start = startingAt === undefined ? undefined : Date.parse(startingAt);
  const end = endingAt === undefined ? undefined : Date.parse(endingAt);
  if (end !== undefined && nowMs >= end) return { now: 'over' };
  if (start !== undefined && nowMs < start) {
    return { now: 'early', lookAgainInMs: Math.min(start - nowMs, LONGEST_MS) };
  }
  return end === undefined
    ? { now: 'running' }
    : { now: 'running', lookAgainInMs: Math.min(end - nowMs, LONGEST_MS) };
}
