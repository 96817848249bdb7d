import {
  type ByteSink,
  type Delivery,
  drainedInTime,
  type EntrypointHost,
  type ExecutionContext,
  type GapNotice,
  SluiceError,
  type Subscription,
  sharedBytes,
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
import { Heartbeats } from './heartbeats.js';

/** A client as its heartbeats see it. */
export interface Beating {
  readonly sink: ByteSink;
  /** Ends the stream of a client that takes nothing. */
  cut(): void;
}

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
  readonly heartbeats: Heartbeats<Beating>;
  readonly sink: ByteSink;
}

/** Reconnects are spread over these milliseconds, or all clients would come back in the same second. */
const RETRY_MS = { from: 500, below: 2500 };

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
    const bytes = sharedBytes(text);
    encoded.set(batch, bytes);
    return bytes;
  };
}

/** The heartbeats of all streams of one entrypoint. */
export function heartbeatsOf({ heartbeatIntervalInMs, stallTimeoutMs }: SseConfig): Heartbeats<Beating> {
  const bytes = sharedBytes(HEARTBEAT);
  return new Heartbeats(heartbeatIntervalInMs, (client) => {
    // Without new data nobody waits for a client to take what it was sent.
    if (client.sink.stalledMs >= stallTimeoutMs) client.cut();
    else client.sink.write(bytes);
  });
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
  let stalled = false;
  const cut = () => {
    stalled = true;
    end();
  };
  const heartbeat = heartbeats.add({ sink, cut });
  try {
    if (sink.closed.aborted) return;
    sink.write(openingFrame(retryDelay(), subscription.startCursor));
    if (host.stopping.aborted) end();
    // Here, not in a function of its own: each that waits is kept for each client.
    for await (const batch of subscription) {
      const room = writeBatch(parts, batch);
      heartbeat.sent();
      if (!room && !(await drainedInTime(sink, parts.config.stallTimeoutMs, host.stopping)))
        throw new SluiceError('SLOW_CONSUMER');
      if (sink.closed.aborted) return;
    }
    if (stalled) throw new SluiceError('SLOW_CONSUMER');
    if (host.stopping.aborted) sink.write(goawayFrame(retryDelay()));
  } catch (thrown) {
    const error = SluiceError.from(thrown);
    if (error.key === 'SLOW_CONSUMER') throw error;
    ctx.log[error.level](
      { key: error.key, ...error.logged },
      `the stream ends by an error: ${error.message}`,
    );
    sink.write(errorFrame(errorPayload(error, ctx.request.id)));
  } finally {
    heartbeat.stop();
    sink.closed.removeEventListener('abort', end);
    host.stopping.removeEventListener('abort', end);
    await subscription.close();
  }
}

/** Whether there is room for more. */
function writeBatch({ host, gaps, encode, sink }: StreamParts, batch: readonly Delivery[]): boolean {
  if (gaps.length > 0) for (const gap of gaps.splice(0)) sink.write(gapFrame(gap));
  const bytes = encode(batch);
  if (host.qos === 'none') return sink.write(bytes);
  return sink.write(bytes, () => {
    for (const delivery of batch) delivery.ack();
  });
}

function retryDelay(): number {
  return RETRY_MS.from + Math.floor(Math.random() * (RETRY_MS.below - RETRY_MS.from));
}
