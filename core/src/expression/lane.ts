/** Milliseconds after which work in the lane lets timers and sockets have their turn. */
const SLICE_MS = 10;

let last: Promise<unknown> = Promise.resolve();
let sliceBegan = 0;

/**
 * Runs evaluations one at a time, so that the time bound of one does not count the work of others, and gives the event
 * loop a turn every 10 ms. What waits is bounded by who asks: each awaits its result.
 */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(async () => {
    if (performance.now() - sliceBegan > SLICE_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      sliceBegan = performance.now();
    }
    return work();
  });
  last = mine.catch(() => undefined);
  return mine;
}
