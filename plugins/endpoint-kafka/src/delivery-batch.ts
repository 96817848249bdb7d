import type { Delivery } from '@sluice/core';
import { CursorWriter } from './cursor.js';
import type { PartitionTable, Progress } from './partition-table.js';
import { RECORD_OVERHEAD_BYTES, type RecordMessage } from './record.js';

/** What settling a message does; nothing under levels that record nothing. */
export interface Settlement {
  ack(message: RecordMessage): void;
  nack(message: RecordMessage, reason: Error): void;
  /** Whether the partition went to another reader, so that settling does nothing. */
  stale?(message: RecordMessage): boolean;
}

/**
 * Messages handed out together, and the progress around them. Cursors are worked out up to the one that is asked for:
 * a batch that nobody frames costs none, and one that a page takes half of costs half.
 */
export class DeliveryBatch {
  readonly deliveries: readonly Delivery[];
  /** Progress once the whole batch is received. */
  readonly after: Progress;
  /** What it costs to keep, roughly. */
  readonly bytes: number;
  readonly #cursors: string[] = [];
  #writer: CursorWriter | undefined;

  /**
   * @param before progress before the first message
   * @param options.encode base64 cursors; `none` gives deliveries no cursor
   */
  constructor(
    private readonly table: PartitionTable,
    private readonly before: Progress,
    readonly messages: readonly RecordMessage[],
    private readonly options: { readonly encode: boolean | 'none' },
    settlement?: Settlement,
  ) {
    const after = [...before];
    let bytes = 0;
    for (const message of messages) {
      const slot = table.add(message.topic, message.partition);
      after[slot] = message.offset;
      bytes += message.bytes;
    }
    this.after = after;
    this.bytes = bytes;
    this.deliveries = messages.map((message, index) => new BatchDelivery(this, message, index, settlement));
  }

  /** Its keys and contents, without the objects around them. */
  get writtenBytes(): number {
    return this.bytes - this.messages.length * RECORD_OVERHEAD_BYTES;
  }

  /** The cursor of the delivery at an index. */
  cursorAt(index: number): string | null {
    const { encode } = this.options;
    if (encode === 'none') return null;
    const cursors = this.#cursors;
    while (cursors.length <= index && cursors.length < this.messages.length) {
      this.#writer ??= new CursorWriter(this.table, this.before, encode);
      const { topic, partition, offset } = this.messages[cursors.length] as RecordMessage;
      this.#writer.move(this.table.add(topic, partition), offset);
      cursors.push(this.#writer.toString());
    }
    // A batch stays in the ring long after its last cursor was written.
    if (cursors.length === this.messages.length) this.#writer = undefined;
    return cursors[index] ?? null;
  }
}

class BatchDelivery implements Delivery {
  #settled = false;

  constructor(
    private readonly batch: DeliveryBatch,
    readonly message: RecordMessage,
    private readonly index: number,
    private readonly settlement: Settlement | undefined,
  ) {}

  get cursor(): string | null {
    return this.batch.cursorAt(this.index);
  }

  get stale(): boolean {
    return this.settlement?.stale?.(this.message) === true;
  }

  // One delivery may be shared by many subscribers where settling means nothing.
  ack(): void {
    if (this.settlement === undefined || this.#settled) return;
    this.#settled = true;
    this.settlement.ack(this.message);
  }

  nack(reason: Error): void {
    if (this.settlement === undefined || this.#settled) return;
    this.#settled = true;
    this.settlement.nack(this.message, reason);
  }
}
