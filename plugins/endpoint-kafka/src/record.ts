import type { Message, MessageHeader } from '@sluice/core';
import type { Message as RawRecord } from 'node-rdkafka';

/** How records become messages: a part of the consumer's options. */
export interface RecordForm {
  readonly removeConfluentHeader: boolean;
  readonly keyHeader?: string;
}

/** A record as a message. What few readers ask for is made when it is first asked for. */
export class RecordMessage implements Message {
  readonly content: Buffer | null;
  readonly key: Buffer | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  #raw: RawRecord['headers'];
  #headers: readonly MessageHeader[] | undefined;

  constructor(
    raw: RawRecord,
    private readonly form: RecordForm,
  ) {
    this.content = form.removeConfluentHeader ? withoutConfluentHeader(raw.value) : raw.value;
    this.key = typeof raw.key === 'string' ? Buffer.from(raw.key) : (raw.key ?? null);
    this.topic = raw.topic;
    this.partition = raw.partition;
    this.offset = raw.offset;
    this.timestampMs = raw.timestamp ?? -1;
    this.#raw = raw.headers;
  }

  get id(): string {
    return `${this.topic}@${this.partition}#${this.offset}`;
  }

  get headers(): readonly MessageHeader[] {
    const { keyHeader } = this.form;
    const key: MessageHeader[] = keyHeader !== undefined && this.key !== null ? [[keyHeader, this.key]] : [];
    this.#headers ??= (this.#raw ?? [])
      .map((header): MessageHeader => {
        const [only] = Object.entries(header);
        // Its setter, not a member, is what node-rdkafka comes to by this name.
        const [name, value] = only ?? ['__proto__', Object.getPrototypeOf(header)];
        return [name, asBytes(value)];
      })
      .concat(key);
    this.#raw = undefined;
    return this.#headers;
  }

  get metadata(): Readonly<Record<string, string | number>> {
    const { id: recordId, key, topic, partition, offset, timestampMs: sourceTimestamp } = this;
    return key === null
      ? { topic, partition, offset, sourceTimestamp, recordId }
      : { key: key.toString('utf8'), topic, partition, offset, sourceTimestamp, recordId };
  }

  /** What it costs to keep, roughly: payload, key, and the objects around them. */
  get bytes(): number {
    return (this.content?.length ?? 0) + (this.key?.length ?? 0) + RECORD_OVERHEAD_BYTES;
  }
}

/** An estimate of what a held record with an empty payload takes. */
export const RECORD_OVERHEAD_BYTES = 400;

/** The format's `magic` byte 0 and a schema id of four bytes, as a Confluent serializer writes them. */
function withoutConfluentHeader(value: Buffer | null): Buffer | null {
  return value !== null && value.length >= 5 && value[0] === 0 ? value.subarray(5) : value;
}

/** The type of a header in node-rdkafka's declarations is wider than what arrives: Buffers, and null as patched. */
function asBytes(value: unknown): Buffer | null {
  if (value === null || value === undefined) return null;
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}
