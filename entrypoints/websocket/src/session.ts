import {
  type ByteSink,
  type Delivery,
  drainedInTime,
  type EntrypointHost,
  type ExecutionContext,
  type GapNotice,
  newMessage,
  type PublishResult,
  SluiceError,
  type Subscription,
} from '@sluice/core';
import type { WebSocket } from 'ws';
import { Unsettled } from './acks.js';
import { closeReason, closing } from './closing.js';
import type { WebSocketConfig } from './config.js';
import { errorFrame, GOAWAY_FRAME, gapFrame, PONG_FRAME, readFrame, receiptFrame } from './envelope.js';
import { frame, OPCODE } from './frame.js';
import type { Encoded } from './outbound.js';
import { OrderedPublisher } from './publisher.js';

/** Everything one connection works with. */
export interface SessionParts {
  readonly ctx: ExecutionContext;
  readonly host: EntrypointHost;
  readonly config: WebSocketConfig;
  /** Absent when nothing is sent to this client. */
  readonly subscription?: Subscription;
  /** Filled by the subscription, before the batch it belongs in front of. */
  readonly gaps: GapNotice[];
  readonly encode: (batch: readonly Delivery[]) => Encoded;
  /** Whether frames are JSON envelopes. */
  readonly enveloped: boolean;
  /** Whether the client acknowledges each message. */
  readonly acks: boolean;
  readonly publishes: boolean;
}

/**
 * One connection: what the client sends is published, what it subscribed to is sent, until one of both sides, the
 * gateway or the subscription ends it. Resolves when the socket is closed and what the client had sent is settled.
 */
export class Session {
  readonly #unsettled = new Unsettled();
  readonly #publisher: OrderedPublisher;
  /** Why nothing is read from the client at the moment; empty while it is. */
  readonly #held = new Set<'publishing' | 'answering'>();
  #alive = true;
  #ending = false;

  constructor(
    private readonly parts: SessionParts,
    private readonly ws: WebSocket,
    private readonly sink: ByteSink,
  ) {
    this.#publisher = new OrderedPublisher(parts.host, parts.config.maxPublishing, {
      full: () => this.#hold('publishing'),
      room: () => this.#release('publishing'),
    });
  }

  async run(): Promise<void> {
    const { ws, parts } = this;
    const { host, config, subscription } = parts;
    const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()));
    ws.on('error', (error) => parts.ctx.log.debug({ err: error }, 'a WebSocket client broke the protocol'));
    ws.on('message', (data: Buffer, isBinary) => {
      this.#alive = true;
      this.#onMessage(data, isBinary);
    });
    ws.on('pong', () => {
      this.#alive = true;
    });
    const heartbeat = setInterval(() => this.#beat(), config.heartbeatIntervalMs);
    const stop = () => void this.#stop();
    host.stopping.addEventListener('abort', stop);
    if (host.stopping.aborted) stop();
    const sending = subscription === undefined ? undefined : this.#send(subscription);
    try {
      await closed;
    } finally {
      clearInterval(heartbeat);
      host.stopping.removeEventListener('abort', stop);
      this.#ending = true;
      await subscription?.close();
      await sending;
      await this.#publisher.idle();
    }
  }

  #beat(): void {
    // What is not read cannot show that its sender lives.
    if (this.#held.size > 0) this.#alive = true;
    if (!this.#alive) {
      this.ws.terminate();
      return;
    }
    this.#alive = false;
    this.ws.ping();
  }

  async #stop(): Promise<void> {
    // What the client has sent is stored, and told, before it is sent away.
    await this.#publisher.idle();
    if (this.parts.enveloped) this.#say(GOAWAY_FRAME);
    this.#close(1013, closeReason(new SluiceError('goaway')));
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const { config, enveloped, publishes } = this.parts;
    if (this.#ending) return;
    if (!enveloped) {
      if (!publishes) {
        // What nobody would store must not look as if it were; with publishing switched off nobody expects it.
        if (config.publisher.enabled) this.#fail(new SluiceError('OPERATION_FORBIDDEN'));
        return;
      }
      this.#publisher.add(newMessage(data, [], Date.now()), (result) => {
        if (!result.ok) this.#fail(result.error, 1011);
      });
      return;
    }
    if (isBinary) {
      this.#close(1003, 'INVALID_FRAME: frames of this subprotocol are text');
      return;
    }
    try {
      this.#onFrame(data.toString('utf8'));
    } catch (thrown) {
      this.#say(errorFrame(SluiceError.from(thrown), this.parts.ctx.request.id));
    }
  }

  #onFrame(text: string): void {
    const said = readFrame(text, Date.now());
    if (said.type === 'ping') this.#say(PONG_FRAME);
    else if (said.type !== 'publish') this.#unsettled.settle(said.ids, said.type === 'ack');
    else {
      const receipt = (result: PublishResult) => this.#say(receiptFrame(said.id, result));
      if (this.parts.publishes) this.#publisher.add(said.message, receipt);
      else receipt({ ok: false, error: new SluiceError('OPERATION_FORBIDDEN') });
    }
  }

  async #send(subscription: Subscription): Promise<void> {
    const { host, enveloped, gaps, encode, acks, config } = this.parts;
    const settles = host.qos !== 'none';
    try {
      for await (const batch of subscription) {
        if (this.#ending) return;
        if (enveloped) for (const gap of gaps) this.#say(gapFrame(gap));
        gaps.length = 0;
        const { bytes, count, error } = encode(batch);
        const sent = count === batch.length ? batch : batch.slice(0, count);
        if (acks) this.#unsettled.add(sent);
        const taken = () => {
          for (const delivery of sent) delivery.ack();
        };
        const room = this.sink.write(bytes, settles && !acks ? taken : undefined);
        if (error !== undefined) {
          // The client is told, by the end of its connection; it comes back behind this message.
          batch[count]?.ack();
          throw error;
        }
        if (!room && !(await drainedInTime(this.sink, config.stallTimeoutMs)))
          throw new SluiceError('SLOW_CONSUMER');
      }
      if (!this.#ending && !host.stopping.aborted) this.#close(1000, 'Bye');
    } catch (thrown) {
      if (!this.#ending) this.#fail(SluiceError.from(thrown));
    }
  }

  #fail(error: SluiceError, code: number = error.entry.closeCode): void {
    const { ctx, enveloped } = this.parts;
    ctx.log[error.level](
      { key: error.code, ...error.logged },
      `a WebSocket ends by an error: ${error.message}`,
    );
    if (enveloped) this.#say(errorFrame(error, ctx.request.id));
    this.#close(code, closeReason(error));
  }

  #say(text: string): void {
    if (this.#ending) return;
    const room = this.sink.write(Buffer.concat(frame(OPCODE.text, Buffer.from(text))));
    if (!room && !this.#held.has('answering')) void this.#untilRead();
  }

  /** A client that does not read its answers is not read either: each frame of it would add to what waits for it. */
  async #untilRead(): Promise<void> {
    this.#hold('answering');
    const inTime = await drainedInTime(this.sink, this.parts.config.stallTimeoutMs);
    this.#release('answering');
    if (!inTime && !this.#ending) this.#fail(new SluiceError('SLOW_CONSUMER'));
  }

  #hold(reason: 'publishing' | 'answering'): void {
    this.#held.add(reason);
    this.ws.pause();
  }

  #release(reason: 'publishing' | 'answering'): void {
    this.#held.delete(reason);
    if (this.#held.size === 0) this.ws.resume();
  }

  #close(code: number, reason: string): void {
    if (this.#ending) return;
    this.#ending = true;
    closing(this.ws, code, reason);
  }
}
