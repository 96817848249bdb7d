import { setTimeout as pause } from 'node:timers/promises';
import { CODE, codeOf } from './rdkafka-errors.js';

const AGAIN_MS = 100;
/** A partition has no leader now: its topic has just been made, or its broker has just gone. */
const LEADERLESS: readonly (number | undefined)[] = [
  CODE.LEADER_NOT_AVAILABLE,
  CODE.NOT_LEADER_FOR_PARTITION,
];

/** Asks again while the answer is that a leader is being elected, which passes; after `timeoutMs` that is the answer. */
export async function pastElections<T>(ask: () => Promise<T>, timeoutMs: number): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!LEADERLESS.includes(codeOf(error)) || performance.now() + AGAIN_MS > until) throw error;
    }
    await pause(AGAIN_MS);
  }
}
