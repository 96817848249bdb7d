import { expect, test } from 'vitest';
import { Lane } from '../src/lane.js';
import { RecordMessage } from '../src/record.js';

const record = (offset: number) =>
  new RecordMessage(
    { value: null, size: 0, topic: 't', partition: 0, offset, timestamp: 0 },
    { removeConfluentHeader: false },
  );

function laneOf(from: number, to: number, redelivers = true): Lane {
  const lane = new Lane('t', 0, 0, from, redelivers);
  for (let offset = from; offset < to; offset++) lane.push(record(offset));
  return lane;
}

const offsets = (records: readonly RecordMessage[]) => records.map(({ offset }) => offset);

test('what lies behind the last record counts as settled once everything before it is', () => {
  const lane = laneOf(0, 2);
  lane.reachEnd(102);
  expect(lane.next).toBe(0);
  const taken = lane.take(10);
  expect([lane.next, lane.toRecord]).toEqual([102, undefined]);
  for (const one of taken) lane.ack(one);
  expect(lane.toRecord).toBe(102);
});

test('a lane that comes back continues where its owner is, though the group had recorded less', () => {
  const before = laneOf(0, 10);
  const taken = before.take(6);
  for (const one of taken.slice(0, 4)) before.ack(one);
  const back = laneOf(2, 10);
  expect(back.adopt(before.handout)).toBe(true);
  expect(back.next).toBe(6);
  expect(back.toRecord, 'the oldest that is not settled').toBe(4);
  for (const one of taken.slice(4)) back.ack(one);
  expect(back.toRecord).toBe(6);
  expect(offsets(back.take(10))).toEqual([6, 7, 8, 9]);
});

test('what its owner gives back meanwhile is handed out again', () => {
  const before = laneOf(0, 10);
  const taken = before.take(6);
  before.handout.nack(taken[3] as RecordMessage);
  const back = laneOf(0, 10);
  expect(back.adopt(before.handout)).toBe(true);
  expect(offsets(back.take(10))).toEqual([3, 4, 5, 6, 7, 8, 9]);
});

test('somebody else has got further: the lane continues there', () => {
  const before = laneOf(0, 10);
  before.take(6);
  const back = laneOf(8, 10);
  expect(back.adopt(before.handout)).toBe(false);
  expect(offsets(back.take(10))).toEqual([8, 9]);
});

test('somebody else has settled a part of what its owner was handed', () => {
  const before = laneOf(0, 10);
  const taken = before.take(6);
  const back = laneOf(4, 10);
  expect(back.adopt(before.handout)).toBe(true);
  expect(back.toRecord, 'nothing new is settled').toBeUndefined();
  before.handout.nack(taken[1] as RecordMessage);
  expect(back.next, 'what is settled is not handed out again').toBe(6);
});

test('a record that is not waited for any more gives nothing back', () => {
  const lane = laneOf(0, 4);
  const [first, second] = lane.take(2);
  lane.ack(first as RecordMessage);
  lane.nack(first as RecordMessage);
  expect(lane.next).toBe(2);
  lane.nack(second as RecordMessage);
  expect(lane.next).toBe(1);
});

test('while what was taken is being recorded nothing is told to be recorded', () => {
  const lane = laneOf(0, 4, false);
  lane.busy = true;
  lane.take(2);
  expect(lane.toRecord).toBeUndefined();
  lane.busy = false;
  expect(lane.toRecord).toBe(2);
});

test('an owner that leaves hands what it has not settled to the next, and keeps what it knows', () => {
  const lane = laneOf(0, 6);
  const taken = lane.take(4);
  lane.ack(taken[0] as RecordMessage);
  const { handout } = lane;
  lane.release();
  expect(lane.next).toBe(1);
  expect(lane.toRecord).toBe(1);
  handout.ack(taken[1] as RecordMessage);
  expect(offsets(lane.take(10)), 'a late acknowledgement of the old owner is its own').toEqual([
    1, 2, 3, 4, 5,
  ]);
});
