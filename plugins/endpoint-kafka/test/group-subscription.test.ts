import { expect, test } from 'vitest';
import { type GroupSource, GroupSubscription } from '../src/group-subscription.js';
import { Lane } from '../src/lane.js';
import { PartitionTable } from '../src/partition-table.js';
import { RecordMessage } from '../src/record.js';

function record(offset: number): RecordMessage {
  const raw = { value: null, size: 0, topic: 't', partition: 0, offset, timestamp: 0 };
  return new RecordMessage(raw, false);
}

function lanePaused(records: number): Lane {
  const lane = new Lane('t', 0, 0, 0, true);
  lane.queue.push(Array.from({ length: records }, (_, offset) => record(offset)));
  lane.paused = true;
  return lane;
}

function subscribe(last: number, byCursor: readonly number[]) {
  const table = new PartitionTable();
  table.add('t', 0);
  const resumed: Lane[] = [];
  const source: Partial<GroupSource> = {
    table,
    encode: false,
    identity: { topics: ['t'], groupId: 'g', qos: 'at-least-once' },
    resumeIfLow: (lane) => resumed.push(lane),
  };
  const request = { qos: 'at-least-once', maxInFlight: 10 } as const;
  const subscription = new GroupSubscription(
    source as GroupSource,
    request,
    [last],
    new Set(byCursor),
    () => {},
  );
  return { subscription, resumed };
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
  const { subscription, resumed } = subscribe(2, []);
  subscription.grant(lane);
  expect(lane.queue.length).toBe(3);
  expect(resumed).toEqual([]);
});
