import { type ByteSink, type Delivery, SluiceError, type Subscription } from '@sluice/core';

/** Small enough for a slow client to show that it still takes something. */
const PIECE_BYTES = 64 * 1024;

/**
 * Writes a page and settles it: acknowledged once the operating system has taken its last byte, and recorded before
 * the response ends, so that whoever has read the end and asks again goes on behind it. Of a client that has gone
 * nothing is acknowledged.
 * @throws SluiceError `SLOW_CONSUMER` when it takes nothing for `stallTimeoutMs`, which cuts the connection
 */
export async function sendPage(
  sink: ByteSink,
  body: Buffer,
  page: { readonly deliveries: readonly Delivery[]; readonly subscription: Subscription },
  stallTimeoutMs: number,
): Promise<void> {
  try {
    if (sink.closed.aborted) return;
    await writeAll(sink, body, stallTimeoutMs);
    if (sink.closed.aborted) return;
    for (const delivery of page.deliveries) delivery.ack();
  } finally {
    await page.subscription.close();
  }
}

/** Resolves when all is taken, or the client has gone. */
async function writeAll(sink: ByteSink, body: Buffer, stallTimeoutMs: number): Promise<void> {
  for (let from = 0; from === 0 || from < body.length; from += PIECE_BYTES) {
    await inTime(sink, stallTimeoutMs, (resolve) => {
      sink.write(body.subarray(from, from + PIECE_BYTES), resolve);
    });
    if (sink.closed.aborted) return;
  }
}

/** Waits for a call, or for the client to go. @throws SluiceError `SLOW_CONSUMER` */
function inTime(sink: ByteSink, timeoutMs: number, work: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: SluiceError) => {
      clearTimeout(timer);
      sink.closed.removeEventListener('abort', left);
      if (error === undefined) resolve();
      else reject(error);
    };
    const left = () => settle();
    const timer = setTimeout(() => settle(new SluiceError('SLOW_CONSUMER')), timeoutMs);
    sink.closed.addEventListener('abort', left);
    work(() => settle());
  });
}
