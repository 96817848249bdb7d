/**
 * librdkafka's blocking calls (connect, metadata, watermarks, committed, disconnect) run on libuv's pool of four
 * threads, which files and DNS need too: no more than this many at a time wait for a broker.
 */
const MAX_BLOCKING_CALLS = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs a blocking native call when a thread is to spare. Calls are begun in the order they came. */
export async function nativeCall<T>(call: (done: (error: unknown, value: T) => void) => void): Promise<T> {
  if (running >= MAX_BLOCKING_CALLS) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
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
