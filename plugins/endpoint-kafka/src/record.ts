import type { Message, MessageHeader } from '@sluice/core';
import type { Message as RawRecord } from 'node-rdkafka';
import { countHeaders, unpackHeaders } from './packed-headers.js';

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
  #packed: Buffer | undefined;
  #headers: readonly MessageHeader[] | undefined;
  readonly #headerBytes: number;

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
    this.#packed = raw.packedHeaders;
    this.#headerBytes = raw.packedHeaders?.length ?? 0;
  }

  get id(): string {
    return `${this.topic}@${this.partition}#${this.offset}`;
  }

  get headers(): readonly MessageHeader[] {
    this.#headers ??= unpackHeaders(this.#packed).concat(this.#keyAsHeader());
    this.#packed = undefined;
    return this.#headers;
  }

  /** Without all others, of which a record may have a hundred thousand. */
  firstHeaders(most: number): { readonly headers: readonly MessageHeader[]; readonly count: number } {
    const own = this.#headers === undefined ? countHeaders(this.#packed) : this.#headers.length;
    if (own <= most || this.#headers !== undefined) {
      const { headers } = this;
      return { headers: headers.slice(0, most), count: headers.length };
    }
    return { headers: unpackHeaders(this.#packed, most), count: own + this.#keyAsHeader().length };
  }

  #keyAsHeader(): MessageHeader[] {
    const { keyHeader } = this.form;
    return keyHeader !== undefined && this.key !== null ? [[keyHeader, this.key]] : [];
  }

  get metadata(): Readonly<Record<string, string | number>> {
    const { id: recordId, key, topic, partition, offset, timestampMs: sourceTimestamp } = this;
    return key === null
      ? { topic, partition, offset, sourceTimestamp, recordId }
      : { key: key.toString('utf8'), topic, partition, offset, sourceTimestamp, recordId };
  }

  /** What it costs to keep, roughly: content, key, headers, and the objects around them. */
  get bytes(): number {
    const { content, key } = this;
    return (content?.length ?? 0) + (key?.length ?? 0) + this.#headerBytes + RECORD_OVERHEAD_BYTES;
  }
}

/** An estimate of what a held record with an empty payload takes. */
export const RECORD_OVERHEAD_BYTES = 400;

/** The format's `magic` byte 0 and a schema id of four bytes, as a Confluent serializer writes them. */
function withoutConfluentHeader(value: Buffer | null): Buffer | null {
  return value !== null && value.length >= 5 && value[0] === 0 ? value.subarray(5) : value;
}
