import type { Delivery } from '@sluice/core';
import { CursorWriter } from './cursor.js';
import type { PartitionTable, Progress } from './partition-table.js';
import type { RecordMessage } from './record.js';

/** What settling a message does; nothing under levels that record nothing. */
export interface Settlement {
  ack(message: RecordMessage): void;
  nack(message: RecordMessage, reason: Error): void;
  /** Whether the partition went to another reader, so that settling does nothing. */
  stale?(message: RecordMessage): boolean;
}

/**
 * Messages handed out together, and the progress around them. The cursors are worked out for the whole batch when
 * the first is asked for: a batch that nobody frames costs none.
 */
export class DeliveryBatch {
  readonly deliveries: readonly Delivery[];
  /** Progress once the whole batch is received. */
  readonly after: Progress;
  readonly bytes: number;
  #cursors: readonly string[] | undefined;

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

  /** The cursor of the delivery at an index. */
  cursorAt(index: number): string | null {
    if (this.options.encode === 'none') return null;
    this.#cursors ??= this.#writeCursors(this.options.encode);
    return this.#cursors[index] ?? null;
  }

  #writeCursors(encode: boolean): readonly string[] {
    const writer = new CursorWriter(this.table, this.before, encode);
    return this.messages.map((message) => {
      writer.move(this.table.add(message.topic, message.partition), message.offset);
      return writer.toString();
    });
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
