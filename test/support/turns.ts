import { closeSync, openSync, readSync } from 'node:fs';

/** What was seen of the event loop of this thread. */
export interface Turns {
  /** The greatest turn so far, milliseconds of processor: all that one round of the loop did. */
  readonly longestMs: () => number;
  /** Ends; the turn that this is called in counts. Safe to call once. */
  readonly stop: () => void;
}

/** Measures every turn of this thread's event loop from now on. The loop does not rest meanwhile. */
export function watchTurns(): Turns {
  const clock = clockOfThread();
  let longest = 0;
  let before = clock.spentNs();
  let next = setImmediate(look);
  function measure(): void {
    const now = clock.spentNs();
    longest = Math.max(longest, now - before);
    before = now;
  }
  function look(): void {
    measure();
    next = setImmediate(look);
  }
  return {
    longestMs: () => longest / 1e6,
    stop: () => {
      clearImmediate(next);
      measure();
      clock.close();
    },
  };
}

/** Nanoseconds of processor that this thread has had, on Linux; elsewhere of time, which other programs lengthen. */
function clockOfThread(): { readonly spentNs: () => number; readonly close: () => void } {
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return { spentNs: () => performance.now() * 1e6, close: () => undefined };
  }
  const text = Buffer.alloc(64);
  return {
    spentNs: () => {
      const length = readSync(file, text, 0, text.length, 0);
      return Number(text.toString('latin1', 0, length).split(' ', 1)[0]);
    },
    close: () => closeSync(file),
  };
}

/** What {@link slowness} takes where nothing else runs, on the machine that the bounds of turns were set on. */
const REFERENCE_MS = 15;

/** How many times as long the same work takes here and now as on the machine that bounds were set on; 1 at least. */
export function slowness(): number {
  const clock = clockOfThread();
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    const before = clock.spentNs();
    '\n'.repeat(1_000_000).split('\n').join('\ndata: ');
    least = Math.min(least, clock.spentNs() - before);
  }
  clock.close();
  return Math.max(1, least / 1e6 / REFERENCE_MS);
}
