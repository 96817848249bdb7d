/** Signals that ask for a stop. A reload does not exist yet: SIGHUP is one of them. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * A further signal within this time is the same request come by another way: a terminal signals the whole process group,
 * and a parent such as npm passes on what it got as well. Milliseconds.
 */
const SAME_REQUEST_MS = 1000;

/**
 * Listens for the signals that ask for a stop, from now on until the process ends.
 * @param begin called once, with the first
 * @param insist called with each that comes a second or more after it
 */
export function onStopSignals(
  begin: (signal: NodeJS.Signals) => void,
  insist: (signal: NodeJS.Signals) => void,
): void {
  let begunAt: number | undefined;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (begunAt === undefined) {
        begunAt = performance.now();
        begin(signal);
      } else if (performance.now() - begunAt >= SAME_REQUEST_MS) insist(signal);
    });
  }
}
