import {
  type ByteSink,
  type Delivery,
  type EntrypointHost,
  type ExecutionContext,
  type GapNotice,
  SluiceError,
  type Subscription,
} from '@sluice/core';
import type { SseConfig } from './config.js';
import {
  errorFrame,
  errorPayload,
  eventFrame,
  gapFrame,
  goawayFrame,
  HEARTBEAT,
  openingFrame,
} from './frame.js';
import type { Heartbeat, Heartbeats } from './heartbeats.js';

/** Everything one client's stream works with. */
export interface StreamParts {
  readonly ctx: ExecutionContext;
  readonly host: EntrypointHost;
  readonly config: SseConfig;
  readonly subscription: Subscription;
  /** Filled by the subscription, before the batch it belongs in front of. */
  readonly gaps: GapNotice[];
  readonly encode: (batch: readonly Delivery[]) => Buffer;
  /** Of all streams of this entrypoint. */
  readonly heartbeats: Heartbeats;
  readonly sink: ByteSink;
}

/** Reconnects are spread over these milliseconds, or all clients would come back in the same second. */
const RETRY_MS = { from: 500, below: 2500 };

/** A client that takes nothing while the gateway stops is waited for this long: it resumes with its last id. */
const STOP_GRACE_MS = 1000;

/**
 * Encodes batches. Clients of one reader are handed the same arrays, so each is encoded once for all of them and
 * kept as long as somebody holds the batch.
 */
export function batchEncoder(config: SseConfig): (batch: readonly Delivery[]) => Buffer {
  const encoded = new WeakMap<readonly Delivery[], Buffer>();
  return (batch) => {
    const known = encoded.get(batch);
    if (known !== undefined) return known;
    let text = '';
    for (const delivery of batch) text += eventFrame(delivery, config);
    const bytes = Buffer.from(text);
    encoded.set(batch, bytes);
    return bytes;
  };
}

/**
 * Writes one client's events until it leaves, the gateway stops or the subscription ends. At most one batch is held
 * beyond what the socket takes; a client that takes nothing for `stallTimeoutMs` is cut.
 * @throws SluiceError `SLOW_CONSUMER`, which cuts the connection
 */
export async function streamEvents(parts: StreamParts): Promise<void> {
  const { ctx, host, subscription, heartbeats, sink } = parts;
  const end = () => void subscription.close();
  sink.closed.addEventListener('abort', end);
  host.stopping.addEventListener('abort', end);
  const heartbeat = heartbeats.add(() => sink.write(HEARTBEAT));
  try {
    if (sink.closed.aborted) return;
    sink.write(openingFrame(retryDelay(), subscription.startCursor));
    if (host.stopping.aborted) end();
    await writeBatches(parts, heartbeat);
    if (host.stopping.aborted) sink.write(goawayFrame(retryDelay()));
  } catch (thrown) {
    const error = SluiceError.from(thrown);
    if (error.key === 'SLOW_CONSUMER') throw error;
    ctx.log[error.entry.level]({ key: error.key, err: error.cause ?? error }, 'the stream ends by an error');
    sink.write(errorFrame(errorPayload(error, ctx.request.id)));
  } finally {
    heartbeat.stop();
    sink.closed.removeEventListener('abort', end);
    host.stopping.removeEventListener('abort', end);
    await subscription.close();
  }
}

async function writeBatches(parts: StreamParts, heartbeat: Heartbeat): Promise<void> {
  const { host, config, subscription, gaps, encode, sink } = parts;
  const settles = host.qos !== 'none';
  for await (const batch of subscription) {
    for (const gap of gaps.splice(0)) sink.write(gapFrame(gap));
    const acknowledge = () => {
      for (const delivery of batch) delivery.ack();
    };
    const room = settles ? sink.write(encode(batch), acknowledge) : sink.write(encode(batch));
    heartbeat.sent();
    if (!room) await drainedInTime(sink, config.stallTimeoutMs, host.stopping);
    if (sink.closed.aborted) return;
  }
}

/** Waits for room. @throws SluiceError `SLOW_CONSUMER` at the time, or shortly after a stop has begun */
async function drainedInTime(sink: ByteSink, timeoutMs: number, stopping: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let hurry = () => {};
  const stalled = new Promise<never>((_, reject) => {
    const cutAfter = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(new SluiceError('SLOW_CONSUMER')), ms);
    };
    hurry = () => cutAfter(Math.min(timeoutMs, STOP_GRACE_MS));
    if (stopping.aborted) hurry();
    else cutAfter(timeoutMs);
  });
  stopping.addEventListener('abort', hurry);
  try {
    await Promise.race([sink.drained(), stalled]);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', hurry);
  }
}

function retryDelay(): number {
  return RETRY_MS.from + Math.floor(Math.random() * (RETRY_MS.below - RETRY_MS.from));
}
