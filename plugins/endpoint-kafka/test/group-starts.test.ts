import { expect, test } from 'vitest';
import { GroupStarts, MissingTopics } from '../src/group-starts.js';
import { patternTopics } from '../src/topic-set.js';

const at = (topic: string, partition: number) => ({ topic, partition });
const MARKS = { low: 3, high: 9 };

function startsOf(options: {
  readonly topics?: readonly string[];
  readonly reset?: 'latest' | 'earliest' | 'none';
  readonly there?: readonly { topic: string; partition: number }[];
  readonly missing?: MissingTopics;
  readonly qos?: 'at-least-once' | 'at-most-once';
}) {
  const { topics = ['t'], reset = 'latest', there = [at('t', 0), at('t', 1)] } = options;
  const { missing = new MissingTopics(), qos = 'at-least-once' } = options;
  const starts = new GroupStarts({ groupId: 'g', topics, qos }, reset, missing);
  starts.open(there);
  return starts;
}

test.each([
  ['latest', 9],
  ['earliest', 3],
] as const)('the first time everything begins by autoOffsetReset (%s)', (reset, start) => {
  const starts = startsOf({ reset });
  expect(starts.decide(at('t', 0), MARKS, [])).toBe(start);
});

test('without a rule there is no start', () => {
  const starts = startsOf({ reset: 'none' });
  expect(() => starts.decide(at('t', 0), MARKS, [])).toThrow(
    expect.objectContaining({ key: 'NO_INITIAL_OFFSET' }),
  );
});

test('what was decided stays until it is recorded, whatever is written meanwhile', () => {
  const starts = startsOf({});
  starts.decide(at('t', 0), MARKS, []);
  expect(starts.decide(at('t', 0), { low: 0, high: 50 }, [])).toBe(9);
  expect(starts.of(at('t', 0))).toBe(9);
  starts.recorded([{ ...at('t', 0), offset: 9 }]);
  expect(starts.of(at('t', 0))).toBeUndefined();
});

test('a partition that came after the others is read from its first record', () => {
  const starts = startsOf({});
  expect(starts.decide(at('t', 2), MARKS, []), 'since the reader was opened').toBe(3);
  expect(starts.decide(at('t', 1), MARKS, [at('t', 0)]), 'while nobody was there').toBe(3);
});

test('a topic that was missing at the first exchange is read from its first record, also by a later reader', () => {
  const missing = new MissingTopics();
  startsOf({ there: [], missing });
  const later = startsOf({ missing });
  expect(later.decide(at('t', 0), MARKS, [])).toBe(3);
  later.recorded([{ ...at('t', 0), offset: 3 }]);
  expect(startsOf({ missing }).decide(at('t', 0), MARKS, [])).toBe(9);
});

test('a further topic of a pattern is new; one that a definition names is not', () => {
  const known = [at('a', 0)];
  const there = [at('a', 0), at('b', 0)];
  expect(startsOf({ topics: patternTopics('.*'), there }).decide(at('b', 0), MARKS, known)).toBe(3);
  expect(startsOf({ topics: ['a', 'b'], there }).decide(at('b', 0), MARKS, known)).toBe(9);
});

test('what was stored since the subscriber was taken is its own, but never twice at most once', () => {
  const since = startsOf({});
  since.taken([{ ...at('t', 0), offset: 5 }]);
  expect(since.decide(at('t', 0), MARKS, [])).toBe(5);
  const once = startsOf({ qos: 'at-most-once' });
  once.taken([
    { ...at('t', 0), offset: 5 },
    { ...at('t', 1), offset: 3 },
  ]);
  expect(once.decide(at('t', 0), MARKS, [])).toBe(9);
  expect(once.decide(at('t', 1), MARKS, []), 'the partition is younger than the subscriber').toBe(3);
});

test('so many groups are remembered', () => {
  const missing = new MissingTopics();
  for (let group = 0; group < 10_001; group++) missing.note(`g${group}`, 't');
  expect([missing.has('g0', 't'), missing.has('g1', 't'), missing.has('g10000', 't')]).toEqual([
    false,
    true,
    true,
  ]);
});
