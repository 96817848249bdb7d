import type { ExecutionContext } from '../contract/context.js';
import type { SubscribeRequest, Subscription } from '../contract/delivery.js';
import type { EndpointConnector, EndpointHealth, PublishResult, StoredAt } from '../contract/endpoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import { readCursor } from './memory-cursor.js';
import { MemoryLog } from './memory-log.js';
import { MemorySubscription } from './memory-subscription.js';

/** How a {@link MemoryEndpoint} is made. */
export interface MemoryEndpointOptions {
  /** What can be read from the start. */
  readonly messages?: readonly Message[];
  /** 1 when absent. Messages of one key share one; those without a key are put into them in turn. */
  readonly partitions?: number;
  /** The most deliveries of one batch; 10 when absent. */
  readonly batchSize?: number;
  /** A message with a longer content is refused with `MESSAGE_TOO_LARGE`; no bound when absent. */
  readonly maxContentBytes?: number;
}

/**
 * The whole contract of an endpoint, kept in this process: every level, cursors, groups by client identifier,
 * redelivery. Readers start at the first message. It forgets everything with the object, and has no bound on
 * what it stores: for tests.
 */
export class MemoryEndpoint implements EndpointConnector {
  readonly #log: MemoryLog;
  readonly #groups = new Map<string, readonly number[]>();
  readonly #open = new Set<Subscription>();

  constructor(private readonly options: MemoryEndpointOptions = {}) {
    this.#log = new MemoryLog(options.partitions ?? 1);
    for (const message of options.messages ?? []) this.append(message);
  }

  /** Stores a message, whatever its size. */
  append(message: Message): StoredAt {
    return this.#log.append(message);
  }

  publish(_ctx: ExecutionContext, messages: readonly Message[]): Promise<readonly PublishResult[]> {
    const { maxContentBytes = Number.POSITIVE_INFINITY } = this.options;
    return Promise.resolve(
      messages.map((message) =>
        (message.content?.length ?? 0) > maxContentBytes
          ? { ok: false, error: new SluiceError('MESSAGE_TOO_LARGE') }
          : { ok: true, storedAt: [this.append(message)] },
      ),
    );
  }

  async subscribe(ctx: ExecutionContext, request: SubscribeRequest): Promise<Subscription> {
    const subscription = new MemorySubscription({
      log: this.#log,
      request,
      start: this.#start(ctx.clientIdentifier, request),
      batchSize: this.options.batchSize ?? 10,
      commit: (next) => this.#groups.set(ctx.clientIdentifier, [...next]),
    });
    this.#open.add(subscription);
    return subscription;
  }

  health(): EndpointHealth {
    return { status: 'up' };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#open].map((subscription) => subscription.close()));
  }

  #start(group: string, { qos, cursor, since }: SubscribeRequest): readonly number[] {
    const partitions = this.#log.partitions.length;
    if (cursor !== undefined && qos !== 'balanced') return readCursor(cursor, partitions);
    if (since !== undefined) {
      return this.#log.partitions.map((messages) => {
        const first = messages.findIndex(({ timestampMs }) => timestampMs >= since);
        return first < 0 ? messages.length : first;
      });
    }
    const remembered = qos === 'none' ? undefined : this.#groups.get(group);
    return remembered ?? Array.from({ length: partitions }, () => 0);
  }
}
