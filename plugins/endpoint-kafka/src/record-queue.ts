import type { RecordMessage } from './record.js';

/** Above either bound a queue is full: whoever fills it pauses. Below half of both it takes more. */
export interface QueueBounds {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** Records in order, counted and weighed; it refuses nothing, but tells when it is full. */
export class RecordQueue {
  #records: RecordMessage[] = [];
  #bytes = 0;

  constructor(private readonly bounds: QueueBounds) {}

  get length(): number {
    return this.#records.length;
  }

  get full(): boolean {
    return this.#records.length >= this.bounds.maxRecords || this.#bytes >= this.bounds.maxBytes;
  }

  get low(): boolean {
    return this.#records.length <= this.bounds.maxRecords / 2 && this.#bytes <= this.bounds.maxBytes / 2;
  }

  /** The oldest record; undefined when empty. */
  get oldest(): RecordMessage | undefined {
    return this.#records[0];
  }

  push(records: readonly RecordMessage[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.bytes;
    }
  }

  /** Puts records back in front, in their order. */
  unshift(records: readonly RecordMessage[]): void {
    this.#records = [...records, ...this.#records];
    for (const record of records) this.#bytes += record.bytes;
  }

  /** Takes at most `count` of the oldest; with `maxBytes`, no more than fit into it, but at least one. */
  take(count: number, maxBytes = Number.POSITIVE_INFINITY): readonly RecordMessage[] {
    let end = 0;
    let bytes = 0;
    while (end < Math.min(count, this.#records.length)) {
      const next = (this.#records[end] as RecordMessage).bytes;
      if (end > 0 && bytes + next > maxBytes) break;
      bytes += next;
      end++;
    }
    this.#bytes -= bytes;
    return this.#records.splice(0, end);
  }
}
