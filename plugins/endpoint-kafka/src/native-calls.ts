/**
 * librdkafka's blocking calls (connect, metadata, watermarks, committed, disconnect) run on libuv's pool of four
 * threads, which files and DNS need too: no more than this many at a time wait for a broker.
 */
const MAX_BLOCKING_CALLS = 2;

/** Calls that may wait for a thread; the next one is refused. Reached when thousands of clients come at once. */
const MAX_WAITING_CALLS = 1000;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Runs a blocking native call when a thread is to spare. Calls are begun in the order they came. Rejects when too many
 * wait already, and with what the call itself reports.
 * @param options.releases the call gives something back (a disconnect): it waits however many do
 */
export async function nativeCall<T>(
  call: (done: (error: unknown, value: T) => void) => void,
  options: { readonly releases?: boolean } = {},
): Promise<T> {
  if (running >= MAX_BLOCKING_CALLS) {
    if (waiting.length >= MAX_WAITING_CALLS && options.releases !== true)
      throw new Error('too many calls wait for librdkafka');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await new Promise<T>((resolve, reject) => {
      call((error, value) => {
        if (error === null || error === undefined) resolve(value);
        else reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
