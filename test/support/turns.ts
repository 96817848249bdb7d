import { readFileSync } from 'node:fs';

/** Nanoseconds of processor that this thread has had, on Linux; elsewhere of time, which other programs lengthen. */
function spentNs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]);
  } catch {
    return performance.now() * 1e6;
  }
}

/** What was seen of the event loop of this thread. */
export interface Turns {
  /** The greatest turn so far, milliseconds of processor: all that one round of the loop did. */
  readonly longestMs: () => number;
  readonly stop: () => void;
}

/** Measures every turn of this thread's event loop from now on. The loop does not rest meanwhile. */
export function watchTurns(): Turns {
  let longest = 0;
  let before = spentNs();
  let next = setImmediate(look);
  function look(): void {
    const now = spentNs();
    longest = Math.max(longest, now - before);
    before = now;
    next = setImmediate(look);
  }
  return { longestMs: () => longest / 1e6, stop: () => clearImmediate(next) };
}
