import type { PartitionTable, Progress } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import type { ReplayStep } from './replay-session.js';

/**
 * A client that takes nothing for this long gives its place and its consumer to others, and gets them back when it
 * goes on: a few that have stopped reading must not hold up those that read.
 */
const PARK_AFTER_MS = 250;

/**
 * Reads partitions from a given progress on, apart from every other reader, for as long as it is pulled. How many
 * do so at a time is bounded: others wait in line.
 * @param options.client whose share it takes from
 * @param options.slots which partitions; all when absent
 * @param options.signal ends it, also while it waits
 * @throws SluiceError `ENDPOINT_UNAVAILABLE`, `SUBSCRIBE_FAILED`, `CLIENT_SHARE_EXHAUSTED`, `TOO_MANY_CONSUMERS`
 */
export async function* replay(
  parts: ReaderParts,
  table: PartitionTable,
  start: Progress,
  options: { readonly client: string; readonly slots?: readonly number[]; readonly signal: AbortSignal },
): AsyncGenerator<ReplayStep, void, void> {
  const { client, slots = table.order, signal } = options;
  let progress = start;
  while (!signal.aborted) {
    const lease = await parts.replays.take(parts, { client, table, slots, progress }, signal);
    if (lease === undefined) return;
    const { session } = lease;
    let parked: Promise<void> | undefined;
    const park = () => {
      parked ??= lease.giveBack();
      return parked;
    };
    let isTaken = false;
    const leave = () => {
      session.wake();
      // Whoever has left does not come back for the next step; who comes next may continue behind what was taken.
      if (isTaken) void park();
    };
    signal.addEventListener('abort', leave);
    try {
      while (!signal.aborted && parked === undefined) {
        const step = await session.next();
        if (signal.aborted) {
          session.takeBack();
          return;
        }
        progress = step.progress;
        const parking = setTimeout(() => void park(), PARK_AFTER_MS);
        isTaken = true;
        try {
          yield step;
        } finally {
          isTaken = false;
          clearTimeout(parking);
        }
      }
    } finally {
      signal.removeEventListener('abort', leave);
      await park();
    }
  }
}
