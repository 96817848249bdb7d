import { expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { OffsetTracker } from '../src/offset-tracker.js';
import { RecordMessage } from '../src/record.js';

function record(offset: number): RecordMessage {
  const raw = { value: null, size: 0, topic: 't', partition: 0, offset, timestamp: 0 };
  return new RecordMessage(raw, { removeConfluentHeader: false });
}

/** Ascending offsets with gaps, as compaction and transaction markers leave them. */
const gappyOffsets = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 60 })
  .map((steps) => {
    let offset = -1;
    return steps.map((step) => {
      offset += step;
      return offset;
    });
  });

test('what may be recorded is just behind the longest settled run, whatever the order and the gaps', () => {
  fc.assert(
    fc.property(gappyOffsets, fc.infiniteStream(fc.nat()), (offsets, random) => {
      const tracker = new OffsetTracker();
      const records = offsets.map(record);
      for (const one of records) tracker.track(one);
      const settled = new Set<number>();
      const left = [...records];
      while (left.length > 0) {
        const [one] = left.splice((random.next().value as number) % left.length, 1);
        expect(tracker.settle(one as RecordMessage)).toBe(true);
        settled.add((one as RecordMessage).offset);
        const run = offsets.findIndex((offset) => !settled.has(offset));
        const last = offsets[(run < 0 ? offsets.length : run) - 1];
        expect(tracker.committable).toBe(last === undefined ? undefined : last + 1);
        expect(tracker.pending).toBe(run < 0 ? 0 : offsets.length - run);
      }
    }),
  );
});

test('a record is settled once, and not when it was rewound', () => {
  const tracker = new OffsetTracker();
  const [a, b, c] = [record(3), record(7), record(8)] as const;
  for (const one of [a, b, c]) tracker.track(one);
  expect(tracker.settle(c)).toBe(true);
  expect(tracker.settle(c)).toBe(false);
  expect(tracker.rewind(7)).toEqual([b, c]);
  expect(tracker.settle(b)).toBe(false);
  expect(tracker.settle(a)).toBe(true);
  expect(tracker.committable).toBe(4);
  expect(tracker.unpassed).toEqual([]);
});

test('what progress has not passed stays tracked, in order, settled or not', () => {
  const tracker = new OffsetTracker();
  const records = [record(0), record(1), record(2)] as const;
  for (const one of records) tracker.track(one);
  tracker.settle(records[0]);
  tracker.settle(records[2]);
  expect(tracker.unpassed).toEqual([records[1], records[2]]);
  expect(tracker.committable).toBe(1);
  expect(tracker.pending).toBe(2);
});
