let known: number | undefined;

/**
 * The time at which this turn of the event loop first asked for it, on the clock of `performance.now()`. A hundred streams
 * that are handed a batch in one turn look at the clock once: to look costs as much as all the counting of a batch.
 */
export function turnTime(): number {
  if (known === undefined) {
    known = performance.now();
    setImmediate(() => {
      known = undefined;
    });
  }
  return known;
}
