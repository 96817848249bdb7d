import { describe, expect, it } from 'vitest';
import { DeliveryBatch } from '../src/delivery-batch.js';
import { PartitionTable } from '../src/partition-table.js';
import type { RecordMessage } from '../src/record.js';
import { Ring } from '../src/ring.js';

/** A ring with batches of so many records each; every record weighs `bytes`. */
function ringOf(sizes: readonly number[], bytes = 100, maxBytes = 1_000_000): Ring {
  const table = new PartitionTable();
  table.add('t', 0);
  const ring = new Ring(maxBytes, [-1]);
  let offset = 0;
  for (const size of sizes) {
    const records = Array.from({ length: size }, () => ({
      topic: 't',
      partition: 0,
      offset: offset++,
      bytes,
    })) as unknown as readonly RecordMessage[];
    ring.push(new DeliveryBatch(table, ring.head, records, { encode: false }));
  }
  return ring;
}

const cursors = (ring: Ring, number: number) =>
  ring.runFrom(number)?.result.value.map(({ cursor }) => cursor);

describe('runs of a ring', () => {
  it('a stream at the head gets the batch itself, one behind gets all that is there, with the same cursors', () => {
    const ring = ringOf([1, 2, 1]);
    expect(ring.runFrom(2)?.result.value).toBe(ring.get(2)?.deliveries);
    expect(ring.runFrom(2)?.after).toBe(ring.head);
    expect(ring.runFrom(0)).toMatchObject({ next: 3, full: false, after: [3] });
    expect(cursors(ring, 0)).toEqual(['t@0#0', 't@0#1', 't@0#2', 't@0#3']);
    expect(cursors(ring, 1)).toEqual(['t@0#1', 't@0#2', 't@0#3']);
    expect(ring.runFrom(3)).toBeUndefined();
  });

  it('those at the same place share it, until something is added', () => {
    const ring = ringOf([1, 1]);
    const run = ring.runFrom(0);
    expect(ring.runFrom(0)).toBe(run);
    ring.push(ring.get(1) as DeliveryBatch);
    expect(ring.runFrom(0)?.next).toBe(3);
  });

  it('holds no more than one write should, and at least one batch', () => {
    const many = ringOf(Array(12).fill(500), 400, 10_000_000);
    expect(many.runFrom(0)).toMatchObject({ next: 5, full: true });
    expect(many.runFrom(5)).toMatchObject({ next: 10, full: true });
    expect(many.runFrom(10)).toMatchObject({ next: 12, full: false });
    const large = ringOf([1, 1, 1], 200_000, 10_000_000);
    expect(large.runFrom(0)).toMatchObject({ next: 1, full: true });
  });

  it('counts what is written, not what the records weigh', () => {
    // 100 bytes each, and the objects around them.
    const small = ringOf(Array(6).fill(400), 500, 10_000_000);
    expect(small.runFrom(0)).toMatchObject({ next: 6, full: false });
  });

  it('what the ring forgets is in no run', () => {
    const ring = ringOf([1, 1, 1], 100, 250);
    expect(ring.first).toBe(1);
    expect(ring.runFrom(0)).toBeUndefined();
    expect(ring.runFrom(1)?.next).toBe(3);
  });
});
