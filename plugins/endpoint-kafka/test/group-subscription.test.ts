import { describe, expect, test } from 'vitest';
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
  const request = { qos, maxInFlight: 10, client: 'test' };
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

describe('at most once: what is handed out is recorded before', () => {
  function atMostOnce() {
    const table = new PartitionTable();
    table.add('t', 0);
    const commits: { readonly offset: number; readonly settle: (error?: Error) => void }[] = [];
    const source: Partial<GroupSource> = {
      table,
      encode: false,
      identity: { topics: ['t'], groupId: 'g', qos: 'at-most-once' },
      failure: undefined,
      resumeIfLow: () => {},
      joined: Promise.resolve(),
      commitSettled: () => Promise.resolve(),
      commit: ([position]) =>
        new Promise((resolve, reject) => {
          const settle = (error?: Error) => (error === undefined ? resolve() : reject(error));
          commits.push({ offset: position?.offset ?? -1, settle });
        }),
    };
    const request = { qos: 'at-most-once', maxInFlight: 2, client: 'test' } as const;
    const start = { progress: [-1], byCursor: [], ends: [0] };
    const subscription = new GroupSubscription(source as GroupSource, request, start, () => {});
    const lane = new Lane('t', 0, 0, 0, false);
    lane.queue.push([0, 1, 2, 3].map((offset) => recordAt(offset)));
    subscription.grant(lane);
    return { subscription, lane, commits, reading: subscription[Symbol.asyncIterator]() };
  }
  const refused = Object.assign(new Error('rebalance'), { code: 27 });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const offsetsOf = (deliveries: readonly { readonly message: object }[] | undefined) =>
    deliveries?.map(({ message }) => (message as RecordMessage).offset);

  test('what a rebalance has refused comes again, in order', async () => {
    const { commits, reading } = atMostOnce();
    const next = reading.next();
    commits[0]?.settle(refused);
    await turn();
    expect(commits.map(({ offset }) => offset)).toEqual([2, 2]);
    commits[1]?.settle();
    expect(offsetsOf((await next).value ?? undefined)).toEqual([0, 1]);
  });

  test('a lane that has gone meanwhile takes nothing back: its next owner gets it', async () => {
    const { subscription, lane, commits, reading } = atMostOnce();
    void reading.next();
    lane.live = false;
    subscription.lost(lane);
    commits[0]?.settle(refused);
    await turn();
    expect(lane.queue.length).toBe(2);
    await subscription.close();
  });

  test('what was recorded is handed out though the lane has gone: nobody else will get it', async () => {
    const { subscription, lane, commits, reading } = atMostOnce();
    const next = reading.next();
    lane.live = false;
    subscription.lost(lane);
    commits[0]?.settle();
    expect(offsetsOf((await next).value ?? undefined)).toEqual([0, 1]);
    await subscription.close();
  });

  test('a new owner takes nothing while what the old one took is being recorded', async () => {
    const { subscription, lane, commits, reading } = atMostOnce();
    void reading.next();
    subscription.lost(lane);
    lane.release();
    const other = atMostOnce();
    other.subscription.lost(other.lane);
    other.subscription.grant(lane);
    void other.reading.next();
    await turn();
    expect(other.commits).toHaveLength(0);
    commits[0]?.settle(refused);
    await turn();
    expect(
      other.commits.map(({ offset }) => offset),
      'what was put back in front',
    ).toEqual([2]);
    await Promise.all([subscription.close(), other.subscription.close()]);
  });
});
