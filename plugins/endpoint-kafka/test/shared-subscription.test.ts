import { type GapNotice, SluiceError } from '@sluice/core';
import { expect, test } from 'vitest';
import { DeliveryBatch } from '../src/delivery-batch.js';
import { PartitionTable, type Progress } from '../src/partition-table.js';
import type { ReaderParts } from '../src/reader-parts.js';
import type { RecordMessage } from '../src/record.js';
import { Ring } from '../src/ring.js';
import { type RingSource, SharedSubscription } from '../src/shared-subscription.js';

/** A reader of one partition whose records a test adds; nothing of it is ever replayed. */
class FakeReader implements RingSource {
  readonly table = new PartitionTable();
  readonly parts = {} as ReaderParts;
  readonly encode = false;
  readonly streams = new Set<SharedSubscription>();
  ring = new Ring(1_000_000, [-1]);
  failure: SluiceError | undefined;
  readonly readTo = () => 0;

  constructor() {
    this.table.add('t', 0);
  }

  stream(start: Progress = this.ring.head, onGap?: (gap: GapNotice) => void): SharedSubscription {
    const stream = new SharedSubscription(
      this,
      start,
      onGap,
      (closed) => this.streams.delete(closed),
      'test',
    );
    this.streams.add(stream);
    return stream;
  }

  add(count: number): void {
    const from = (this.ring.head[0] ?? -1) + 1;
    const records = Array.from({ length: count }, (_, n) => ({
      topic: 't',
      partition: 0,
      offset: from + n,
      bytes: 1,
    }));
    const messages = records as unknown as readonly RecordMessage[];
    this.ring.push(new DeliveryBatch(this.table, this.ring.head, messages, { encode: false }));
    this.wake();
  }

  wake(): void {
    for (const stream of this.streams) stream.wake();
  }
}

const cursors = async (next: ReturnType<SharedSubscription['next']>) => {
  const { done, value } = await next;
  return done === true ? 'done' : value?.map(({ cursor }) => cursor);
};

/** Whether it settles without anything new. */
async function settles(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  work.then(mark, mark);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('streams that wait are handed the same result', async () => {
  const reader = new FakeReader();
  const [first, second] = [reader.stream(), reader.stream()];
  const waiting = [first.next(), second.next()];
  expect(await settles(Promise.race(waiting))).toBe(false);
  reader.add(2);
  const [a, b] = await Promise.all(waiting);
  expect(a).toBe(b);
  expect(a?.value?.map(({ cursor }) => cursor)).toEqual(['t@0#0', 't@0#1']);
});

test('what came while nobody asked is handed out when somebody does, once and in order', async () => {
  const reader = new FakeReader();
  const stream = reader.stream();
  reader.add(1);
  reader.add(2);
  expect(await cursors(stream.next())).toEqual(['t@0#0', 't@0#1', 't@0#2']);
  const next = stream.next();
  expect(await settles(next)).toBe(false);
  reader.add(1);
  expect(await cursors(next)).toEqual(['t@0#3']);
});

test('a stream that begins within a batch is handed the rest of it, then what all others get', async () => {
  const reader = new FakeReader();
  reader.add(3);
  const behind = reader.stream([0]);
  expect(behind.startCursor).toBe('t@0#0');
  expect(await cursors(behind.next())).toEqual(['t@0#1', 't@0#2']);
  const [next, other] = [behind.next(), reader.stream().next()];
  reader.add(1);
  expect(await next).toBe(await other);
});

test('a stream whose cursor lies ahead is handed what is new to it', async () => {
  const reader = new FakeReader();
  const ahead = reader.stream([1]);
  const next = ahead.next();
  reader.add(1);
  expect(await settles(next)).toBe(false);
  reader.add(2);
  expect(await cursors(next)).toEqual(['t@0#2']);
});

test('a stream that is closed ends, whether it waits, catches up or has a batch', async () => {
  const reader = new FakeReader();
  const [waits, ahead, has] = [reader.stream(), reader.stream([5]), reader.stream()];
  const ends = [waits.next(), ahead.next()];
  expect(await settles(Promise.race(ends))).toBe(false);
  reader.add(1);
  ends[0] = waits.next();
  for (const stream of [waits, ahead, has]) await stream.close();
  expect(await Promise.all([...ends, has.next()].map(cursors))).toEqual(['done', 'done', 'done']);
  expect(reader.streams.size).toBe(0);
});

test('who leaves in the middle and iterates again goes on where it was', async () => {
  const reader = new FakeReader();
  reader.add(2);
  const stream = reader.stream([0]);
  for await (const _ of stream) break;
  const next = stream.next();
  reader.add(1);
  expect(await cursors(next)).toEqual(['t@0#2']);
});

test('the failure of the reader is thrown behind what it had read, to who waits and who asks later', async () => {
  const reader = new FakeReader();
  const [waits, ahead, later] = [reader.stream(), reader.stream([5]), reader.stream()];
  const next = [waits.next(), ahead.next()];
  reader.failure = new SluiceError('SUBSCRIBE_FAILED');
  reader.add(1);
  expect(await cursors(next[0] as Promise<IteratorResult<never, void>>)).toEqual(['t@0#0']);
  await expect(next[1]).rejects.toBe(reader.failure);
  expect(await cursors(later.next())).toEqual(['t@0#0']);
  await expect(waits.next()).rejects.toBe(reader.failure);
  await expect(later.next()).rejects.toBe(reader.failure);
});

test('a log that begins anew is told before what comes from its beginning', async () => {
  const reader = new FakeReader();
  reader.add(5);
  const gaps: GapNotice[] = [];
  const stream = reader.stream(reader.ring.head, (gap) => gaps.push(gap));
  const next = stream.next();
  expect(await settles(next)).toBe(false);
  const gap = { key: 'CURSOR_EXPIRED', source: 't@0', from: 5, to: 0 } as const;
  reader.ring = new Ring(1_000_000, [-1]);
  stream.restart(0, -1);
  stream.tell(gap);
  stream.wake();
  reader.add(1);
  expect(await cursors(next)).toEqual(['t@0#0']);
  expect(gaps).toEqual([gap]);
});

test('a failure is thrown to who waits, also when nothing comes any more', async () => {
  const reader = new FakeReader();
  const next = reader.stream().next();
  expect(await settles(next)).toBe(false);
  reader.failure = new SluiceError('SUBSCRIBE_FAILED');
  reader.wake();
  await expect(next).rejects.toBe(reader.failure);
});

test('a gap is told before the batch behind it is handed out, to who waits and who asks later', async () => {
  const reader = new FakeReader();
  const told: string[] = [];
  const [waits, later] = ['waits', 'later'].map((name) => reader.stream([-1], () => told.push(name)));
  const next = waits?.next();
  for (const stream of [waits, later]) stream?.tell({ key: 'CURSOR_EXPIRED', source: 't@0', from: 0, to: 1 });
  reader.add(1);
  expect(told).toEqual(['waits']);
  await next;
  await later?.next();
  expect(told).toEqual(['waits', 'later']);
});
