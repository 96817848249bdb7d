/** One header of a message: a name (may repeat within a message) and its bytes; null where the source has none. */
export type MessageHeader = readonly [name: string, value: Buffer | null];

/**
 * What travels between an entrypoint and an endpoint. Immutable: many streams share one message, so a policy
 * that changes it returns a copy.
 */
export interface Message {
  /** Identity, the same on every redelivery (on Kafka `topic@partition#offset`); empty on a message not yet stored. */
  readonly id: string;
  /** The partitioning key; null when there is none. */
  readonly key: Buffer | null;
  /** The payload; null is a tombstone and survives the trip, an empty buffer is an empty body. */
  readonly content: Buffer | null;
  /** In order, names may repeat, as in Kafka. */
  readonly headers: readonly MessageHeader[];
  /** Milliseconds since the epoch, as the source recorded it. */
  readonly timestampMs: number;
  /** What the endpoint knows beside the payload (Kafka: topic, partition, offset, sourceTimestamp, key). */
  readonly metadata: Readonly<Record<string, string | number>>;
  /** What policies noted on this message for later steps and the endpoint; absent when nothing. Never stored. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /**
   * The first of its headers and how many there are, where its endpoint can give them without making all others; absent where
   * they are at hand.
   */
  firstHeaders?(most: number): { readonly headers: readonly MessageHeader[]; readonly count: number };
}

/** A message to publish, from what an entrypoint has at hand. */
export function newMessage(
  content: Buffer | null,
  headers: readonly MessageHeader[],
  timestampMs: number,
): Message {
  return { id: '', key: null, content, headers, timestampMs, metadata: NO_METADATA };
}

const NO_METADATA = Object.freeze({});
