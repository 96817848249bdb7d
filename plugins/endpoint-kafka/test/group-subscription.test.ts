import { expect, test } from 'vitest';
import { type GroupSource, GroupSubscription } from '../src/group-subscription.js';
import { Lane } from '../src/lane.js';
import { PartitionTable } from '../src/partition-table.js';
import { RecordMessage } from '../src/record.js';

function recordAt(offset: number, value: Buffer | null = null): RecordMessage {
  const raw = { value, size: value?.length ?? 0, topic: 't', partition: 0, offset, timestamp: 0 };
  return new RecordMessage(raw, { removeConfluentHeader: false });
}

function lanePaused(records: number): Lane {
  const lane = new Lane('t', 0, 0, 0, true);
  lane.queue.push(Array.from({ length: records }, (_, offset) => recordAt(offset)));
  lane.paused = true;
  return lane;
}

function subscribe(
  last: number,
  byCursor: readonly number[],
  qos: 'at-least-once' | 'at-best' = 'at-least-once',
) {
  const table = new PartitionTable();
  table.add('t', 0);
  const resumed: Lane[] = [];
  const commits: string[] = [];
  let record = () => {};
  const source: Partial<GroupSource> = {
    table,
    encode: false,
    identity: { topics: ['t'], groupId: 'g', qos },
    failure: undefined,
    resumeIfLow: (lane) => resumed.push(lane),
    joined: Promise.resolve(),
    commitSettled: () => {
      commits.push('asked');
      return new Promise((resolve) => {
        record = resolve;
      });
    },
  };
  const request = { qos, maxInFlight: 10 };
  const subscription = new GroupSubscription(
    source as GroupSource,
    request,
    { progress: [last], byCursor, ends: [0] },
    () => {},
  );
  return { subscription, resumed, commits, record: () => record() };
}

test("a paused lane that a client's cursor empties is told to go on", () => {
  const lane = lanePaused(3);
  const { subscription, resumed } = subscribe(2, [0]);
  subscription.grant(lane);
  expect(lane.queue.length).toBe(0);
  expect(lane.next).toBe(3);
  expect(lane.toRecord).toBe(3);
  expect(resumed).toEqual([lane]);
});

test("without a cursor a lane's place is the group's, and nothing is left out", () => {
  const lane = lanePaused(3);
  const { subscription } = subscribe(2, []);
  subscription.grant(lane);
  expect(lane.queue.length).toBe(3);
});

test('closing ends when what was settled is recorded, once however often it is asked for', async () => {
  const { subscription, commits, record } = subscribe(2, []);
  let closed = false;
  const closing = Promise.all([subscription.close(), subscription.close()]).then(() => {
    closed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([closed, commits]).toEqual([false, ['asked']]);
  record();
  await closing;
  expect(closed).toBe(true);
});

test('a batch is bounded by its bytes, and is one record at least', async () => {
  const lane = new Lane('t', 0, 0, 0, true);
  lane.queue.push(
    [0, 1, 2, 3].map((offset) => recordAt(offset, Buffer.alloc(offset === 3 ? 400_000 : 100_000))),
  );
  const { subscription, record } = subscribe(-1, []);
  subscription.grant(lane);
  const sizes: number[] = [];
  for await (const batch of subscription) {
    sizes.push(batch.length);
    if (sizes.length === 3) break;
  }
  expect(sizes).toEqual([2, 1, 1]);
  const closing = subscription.close();
  record();
  await closing;
});
test.each([
  ['at-least-once', true],
  ['at-best', false],
] as const)(
  'under %s a delivery whose partition has gone to another reader is stale: %s',
  async (qos, stale) => {
    const lane = lanePaused(1);
    const { subscription } = subscribe(-1, [], qos);
    subscription.grant(lane);
    const { value } = await subscription[Symbol.asyncIterator]().next();
    const [delivery] = value ?? [];
    expect(delivery?.stale).toBe(false);
    subscription.lost(lane);
    lane.release();
    expect(delivery?.stale).toBe(stale);
  },
);
