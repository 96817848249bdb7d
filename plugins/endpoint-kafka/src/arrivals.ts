import type { GapNotice, MessagingTelemetry } from '@sluice/core';
import type Kafka from 'node-rdkafka';
import type { ConsumerListener, Position } from './consumer-listener.js';
import { keyOf, type TopicPartition } from './partition-table.js';
import { Place } from './place.js';
import { RecordMessage } from './record.js';
import { countConsumed } from './telemetry/count-topics.js';

/** What librdkafka hands over one by one, told to the reader once a turn of the event loop, each checked against its place. */
export class Arrivals {
  #pending: (RecordMessage | Position)[] = [];
  #flushing = false;
  #closed = false;
  #places = new Map<string, Place>();

  constructor(
    private readonly client: Kafka.KafkaConsumer,
    private readonly listener: ConsumerListener,
    private readonly messaging: MessagingTelemetry,
  ) {}

  /** How many partitions are read. */
  get partitions(): number {
    return this.#places.size;
  }

  /** The offset that comes next of a partition; undefined while it is not read. */
  placeOf(partition: TopicPartition): number | undefined {
    return this.#places.get(keyOf(partition))?.next;
  }

  /** These partitions are read from these offsets, and no others. */
  expectOnly(positions: readonly Position[]): void {
    const before = this.#places;
    this.#places = new Map(
      positions.map((position) => {
        const key = keyOf(position);
        return [key, new Place(position.offset, before.has(key))];
      }),
    );
  }

  /** These are read too. */
  expect(positions: readonly Position[]): void {
    for (const position of positions) this.#places.set(keyOf(position), new Place(position.offset, false));
  }

  /** What still comes of these is void. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#places.delete(keyOf(partition));
  }

  /** Nothing is told from now on. */
  close(): void {
    this.#closed = true;
    this.#pending = [];
  }

  /** A record, or the end of a partition. */
  add(item: RecordMessage | Position): void {
    this.#pending.push(item);
    if (this.#flushing) return;
    this.#flushing = true;
    // node runs microtasks after every native callback: only the check phase sees all records of one wake-up.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#closed) return;
    const items = this.#pending;
    this.#pending = [];
    let records: RecordMessage[] = [];
    const handOver = () => {
      if (records.length === 0) return;
      countConsumed(this.messaging, records);
      this.listener.onRecords(records);
      records = [];
    };
    for (const item of items) {
      const place = this.#places.get(keyOf(item));
      // Fetched before an assignment was taken away or changed.
      if (place === undefined) continue;
      const { offset } = item;
      if (!(item instanceof RecordMessage)) {
        handOver();
        if (offset > place.next) place.next = offset;
        this.listener.onEnd(item);
        continue;
      }
      if (offset < place.next) {
        const { topic, partition } = item;
        const end = () => this.client.getWatermarkOffsets(topic, partition).highOffset;
        if (!place.restartsAt(offset, end)) continue;
        handOver();
        this.listener.onRestart?.({ topic, partition, offset, expected: place.next });
      } else if (offset > place.next) {
        const gap = this.#gapBefore(item, place.next);
        if (gap !== undefined) {
          handOver();
          this.listener.onGap(gap);
        }
      }
      place.reach(offset);
      records.push(item);
    }
    handOver();
  }

  /** Offsets also jump over markers and compacted records: it is a gap when the log now begins behind the old place. */
  #gapBefore(record: RecordMessage, next: number): GapNotice | undefined {
    const { topic, partition, offset } = record;
    const { lowOffset } = this.client.getWatermarkOffsets(topic, partition);
    if (lowOffset <= next) return undefined;
    return { key: 'CURSOR_EXPIRED', source: keyOf(record), from: next, to: Math.min(lowOffset, offset) };
  }
}
