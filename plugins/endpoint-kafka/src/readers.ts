import {
  type Claim,
  type Full,
  LingeringPool,
  partOf,
  type ShareLimits,
  SluiceError,
  type Subscription,
  shareExhausted,
  wrapSubscription,
} from '@sluice/core';
import type { KafkaConsumerConfig } from './config.js';
import { GroupReader, type ToldGroup } from './group-reader.js';
import type { ReadRequest } from './read-request.js';
import type { ReaderParts } from './reader-parts.js';
import { SharedReader } from './shared-reader.js';

/** How long a reader without subscriptions is kept: a client that reconnects finds it warm. */
const LINGER_MS = 15_000;

type Reader = SharedReader | GroupReader;

/** A reader that is opened, or being opened. */
interface Held {
  readonly reader: Promise<Reader>;
  /** Undefined while it is being opened. */
  opened: Reader | undefined;
}

/** The group that an exchange reads as. */
export interface ReadGroup extends ToldGroup {
  readonly id: string;
  /** Whether the definition names it, so that no client has a say in it. */
  readonly isWritten: boolean;
}

/** What is read, and for whom. */
export interface Reading {
  readonly api: string;
  readonly topics: readonly string[];
  /** Whether the definition names the topics, so that no client has a say in them. */
  readonly isWritten: boolean;
  groupOf(): ReadGroup;
}

/**
 * The readers of one connection: one for all streams without a group on the same topics, one a consumer group and level. A
 * client holds its share of them, and so does an API while others are there.
 */
export class Readers {
  readonly #pool: LingeringPool<Held>;
  #stopped = false;

  /** @param hasOthers whether more than one API has the connection now */
  constructor(
    private readonly parts: ReaderParts,
    hasOthers: () => boolean,
  ) {
    const { consumer } = parts.shared;
    this.#pool = new LingeringPool({
      limits: () => limitsOf(consumer, hasOthers()),
      lingerMs: LINGER_MS,
      refusal,
      close: ({ reader }) =>
        reader
          .then((one) => one.close())
          .catch((error: unknown) => parts.log.debug({ err: error }, 'a reader ended with an error')),
    });
  }

  /** @throws SluiceError `CLIENT_SHARE_EXHAUSTED`, `TOO_MANY_CONSUMERS`, and what the readers throw */
  async subscribe(reading: Reading, request: ReadRequest): Promise<Subscription> {
    const { key, claim, open } = this.#readerFor(reading, request);
    const { value, release } = this.#pool.lease(key, claim, () => this.#open(key, open));
    const done = () => {
      // A reader that has failed is of no use to the next client.
      if (release() && value.opened?.failure !== undefined) this.#pool.drop(key, value);
    };
    try {
      return onceClosed(await (await value.reader).subscribe(request), done);
    } catch (error) {
      done();
      throw error;
    }
  }

  /** Those that read now. */
  get opened(): readonly Reader[] {
    return this.#pool.values.flatMap(({ opened }) => opened ?? []);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#pool.stop();
  }

  #readerFor(
    { api, topics, isWritten, groupOf }: Reading,
    { qos, takenAt, client }: ReadRequest,
  ): { readonly key: string; readonly claim: Claim; readonly open: () => Promise<Reader> } {
    const claimOf = (isOurs: boolean) => (isOurs ? { api } : { api, client });
    if (qos === 'none') {
      return {
        key: JSON.stringify(topics),
        claim: { ...claimOf(isWritten), reserved: true },
        open: () => SharedReader.open(this.parts, topics),
      };
    }
    const { id, isWritten: isOurGroup, ...told } = groupOf();
    const identity = { topics, groupId: id, qos };
    return {
      key: JSON.stringify(identity),
      claim: claimOf(isWritten && isOurGroup),
      open: () => GroupReader.open(this.parts, identity, { ...told, takenAt }),
    };
  }

  #open(key: string, open: () => Promise<Reader>): Held {
    if (this.#stopped) throw new SluiceError('goaway');
    const held: Held = { reader: open(), opened: undefined };
    held.reader.then(
      (reader) => {
        held.opened = reader;
      },
      // One that could not be opened must not be found by the next client.
      () => this.#pool.drop(key, held),
    );
    return held;
  }
}

/** The bound and its shares; a part where the definition does not say. */
function limitsOf(consumer: KafkaConsumerConfig, hasOthers: boolean): ShareLimits {
  const { maxConsumers: all, maxConsumersPerClient, maxConsumersPerApi } = consumer;
  return {
    all,
    client: maxConsumersPerClient ?? partOf(all, 1 / 4),
    api: hasOthers ? (maxConsumersPerApi ?? partOf(all, 3 / 4)) : Number.POSITIVE_INFINITY,
    reserve: Math.floor(all / 8),
  };
}

function refusal(full: Full, { client }: ShareLimits): SluiceError {
  if (full === 'client') return shareExhausted('consumers', client, LINGER_MS / 1000);
  if (full !== 'api') return new SluiceError('TOO_MANY_CONSUMERS');
  return new SluiceError('TOO_MANY_CONSUMERS', {
    message: 'This API has as many consumers open as its share allows',
  });
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
