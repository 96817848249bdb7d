import { setTimeout as pause } from 'node:timers/promises';
import { CODE, codeOf } from './rdkafka-errors.js';

const AGAIN_MS = 100;
/**
 * A partition has no leader now: its topic has just been made, or its broker has just gone. A group has no coordinator: the
 * first one of a cluster has to wait until the topic of the offsets is made.
 */
const LEADERLESS: readonly (number | undefined)[] = [
  CODE.LEADER_NOT_AVAILABLE,
  CODE.NOT_LEADER_FOR_PARTITION,
  CODE.COORDINATOR_LOAD_IN_PROGRESS,
  CODE.COORDINATOR_NOT_AVAILABLE,
  CODE.NOT_COORDINATOR,
  CODE.WAIT_COORD,
];

/**
 * Asks again while the answer is that a leader or a coordinator is being elected, which passes; after `timeoutMs` that is
 * the answer.
 */
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
