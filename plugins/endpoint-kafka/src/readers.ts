import { SluiceError, type SubscribeRequest, type Subscription, wrapSubscription } from '@sluice/core';
import { GroupReader, type ToldGroup } from './group-reader.js';
import type { ReaderParts } from './reader-parts.js';
import { SharedReader } from './shared-reader.js';

/** How long a reader without subscriptions is kept: a client that reconnects finds it warm. */
const LINGER_MS = 15_000;

type Reader = SharedReader | GroupReader;

interface Entry {
  readonly reader: Promise<Reader>;
  /** Undefined while it is being opened. */
  opened: Reader | undefined;
  /** Subscriptions being made or open. */
  users: number;
  linger: NodeJS.Timeout | undefined;
}

/** The readers of one endpoint: one for all streams without a group on the same topics, one a consumer group and level. */
export class Readers {
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #stopped = false;

  constructor(private readonly parts: ReaderParts) {}

  /** @throws SluiceError `TOO_MANY_CONSUMERS`, and what the readers throw */
  async subscribe(
    topics: readonly string[],
    groupOf: () => ToldGroup & { readonly id: string },
    request: SubscribeRequest,
  ): Promise<Subscription> {
    const { key, open } = this.#readerFor(topics, groupOf, request);
    const entry = this.#entries.get(key) ?? this.#create(key, open);
    entry.users++;
    clearTimeout(entry.linger);
    try {
      const subscription = await (await entry.reader).subscribe(request);
      return onceClosed(subscription, () => this.#unused(key, entry));
    } catch (error) {
      this.#unused(key, entry);
      throw error;
    }
  }

  /** Those that read now. */
  get opened(): readonly Reader[] {
    return [...this.#entries.values()].flatMap(({ opened }) => opened ?? []);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const [key, entry] of this.#entries) this.#remove(key, entry);
    await Promise.all(this.#closing);
  }

  #readerFor(
    topics: readonly string[],
    groupOf: () => ToldGroup & { readonly id: string },
    { qos, takenAt }: SubscribeRequest,
  ): { readonly key: string; readonly open: () => Promise<Reader> } {
    if (qos === 'none') {
      return { key: JSON.stringify(topics), open: () => SharedReader.open(this.parts, topics) };
    }
    const { id, ...told } = groupOf();
    const identity = { topics, groupId: id, qos };
    return {
      key: JSON.stringify(identity),
      open: () => GroupReader.open(this.parts, identity, { ...told, takenAt }),
    };
  }

  #create(key: string, open: () => Promise<Reader>): Entry {
    const { maxConsumers } = this.parts.shared.consumer;
    if (this.#stopped) throw new SluiceError('goaway');
    if (this.#entries.size >= maxConsumers && !this.#closeIdle()) throw new SluiceError('TOO_MANY_CONSUMERS');
    const entry: Entry = { reader: open(), opened: undefined, users: 0, linger: undefined };
    this.#entries.set(key, entry);
    // A reader that could not be opened must not be found by the next client.
    entry.reader.then(
      (reader) => {
        entry.opened = reader;
      },
      () => this.#entries.get(key) === entry && this.#entries.delete(key),
    );
    return entry;
  }

  /** Makes room by closing a reader that only lingers. */
  #closeIdle(): boolean {
    for (const [key, entry] of this.#entries) {
      if (entry.users > 0) continue;
      this.#remove(key, entry);
      return true;
    }
    return false;
  }

  #unused(key: string, entry: Entry): void {
    entry.users--;
    if (entry.users > 0 || this.#entries.get(key) !== entry) return;
    entry.linger = setTimeout(() => this.#remove(key, entry), LINGER_MS);
    // A reader that has failed is of no use to the next client.
    void entry.reader.then(
      (reader) => reader.failure !== undefined && entry.users === 0 && this.#remove(key, entry),
      () => {},
    );
  }

  #remove(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    clearTimeout(entry.linger);
    this.#entries.delete(key);
    const closed = entry.reader
      .then((reader) => reader.close())
      .catch((error: unknown) => this.parts.log.debug({ err: error }, 'a reader ended with an error'));
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }
}

/** The subscription, with a call after it has closed. */
function onceClosed(subscription: Subscription, then: () => void): Subscription {
  let closed: Promise<void> | undefined;
  return wrapSubscription(subscription, {
    close: () => {
      closed ??= subscription.close().then(then);
      return closed;
    },
  });
}
