import { describe, expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { CursorWriter, formatCursor, MAX_CURSOR_LENGTH, parseCursor } from '../src/cursor.js';
import { PartitionTable } from '../src/partition-table.js';
import { isTopicName } from '../src/topic-name.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the wire form, pinned', () => {
  const table = new PartitionTable();
  // With it comes the one before.
  table.add('orders', 1);
  table.add('a.b-c_d', 0);

  test.each([
    [[-1, -1, -1], 'a.b-c_d@0#-1;orders@0#-1,1#-1'],
    [[4, 7, 0], 'a.b-c_d@0#0;orders@0#4,1#7'],
    [[0, 9007199254740991, 12], 'a.b-c_d@0#12;orders@0#0,1#9007199254740991'],
  ])('%j is %s', (progress, text) => {
    expect(formatCursor(table, progress, false)).toBe(text);
    expect(formatCursor(table, progress, true)).toBe(base64(text));
  });

  test('one partition is exactly the id of its message', () => {
    const one = new PartitionTable();
    one.add('test-topic', 0);
    expect(formatCursor(one, [0], true)).toBe('dGVzdC10b3BpY0AwIzA=');
  });

  test('a topic that does not exist yet is named by what comes before its first record', () => {
    const two = new PartitionTable(['b', 'a']);
    expect(formatCursor(two, [], false)).toBe('b@0#-1;a@0#-1');
    two.add('a', 0);
    expect(formatCursor(two, [3], false)).toBe('a@0#3;b@0#-1');
  });

  test('where there is nothing at all, there is a cursor that says so', () => {
    expect(formatCursor(new PartitionTable(), [], false)).toBe('-');
    expect(formatCursor(new PartitionTable(), [], true)).toBe('LQ==');
    expect(parseCursor('LQ==', true).entries).toEqual([]);
  });
});

describe('what clients send', () => {
  test.each([
    [
      'my-topic@1#0,2#0',
      [
        ['my-topic', 1, 0],
        ['my-topic', 2, 0],
      ],
    ],
    [
      'topic1@0#1;anotherTopic@1#10',
      [
        ['topic1', 0, 1],
        ['anotherTopic', 1, 10],
      ],
    ],
    ['t@0#-1', [['t', 0, -1]]],
  ])('%s is read, plain and in every spelling of base64', (text, expected) => {
    const entries = expected.map(([topic, partition, last]) => ({ topic, partition, last }));
    expect(parseCursor(text, false).entries).toEqual(entries);
    expect(parseCursor(base64(text), true).entries).toEqual(entries);
    expect(parseCursor(text, true).entries).toEqual(entries);
    expect(parseCursor(base64(text).replaceAll('=', ''), true).entries).toEqual(entries);
    expect(parseCursor(Buffer.from(text).toString('base64url'), true).entries).toEqual(entries);
  });

  test.each([
    '',
    'x',
    '@',
    't@',
    't@0',
    't@0#',
    't@#1',
    't@0#x',
    't@0#-2',
    't@0#1.5',
    't@-1#0',
    't@0#1,',
    't@0#1;',
    ';t@0#1',
    't@0#1,0#2',
    't@0#1;t@0#2',
    't t@0#1',
    't@0#99999999999999999',
    't@0#9007199254740993',
    'ü@0#1',
    't@0#1\n',
    `${'t'.repeat(250)}@0#1`,
    't@1000000000#1',
  ])('%j is refused', (text) => {
    const refusal = expect.objectContaining({ key: 'INVALID_CURSOR' });
    expect(() => parseCursor(text, false)).toThrow(refusal);
    expect(() => parseCursor(base64(text), true)).toThrow(refusal);
  });

  test('plain text without a place is refused where base64 is asked for', () => {
    expect(() => parseCursor('t#1', true)).toThrow(expect.objectContaining({ key: 'INVALID_CURSOR' }));
  });

  test('one too long is refused unread', () => {
    const long = `t@${Array.from({ length: 4000 }, (_, index) => `${index}#1`).join(',')}`;
    expect(long.length).toBeGreaterThan(MAX_CURSOR_LENGTH);
    expect(() => parseCursor(long, false)).toThrow(expect.objectContaining({ key: 'INVALID_CURSOR' }));
  });

  test('anything at all is read or refused, never more', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, encoded) => {
        try {
          parseCursor(text, encoded);
        } catch (error) {
          expect(error).toMatchObject({ key: 'INVALID_CURSOR' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const topic = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/).filter(isTopicName);
const topics = fc.uniqueArray(topic, { minLength: 1, maxLength: 4 });
const places = topics.chain((names) =>
  fc.uniqueArray(
    fc.record({
      topic: fc.constantFrom(...names),
      partition: fc.nat(40),
      last: fc.integer({ min: -1, max: 2 ** 40 }),
    }),
    {
      minLength: 1,
      maxLength: 30,
      selector: ({ topic, partition }) => `${topic}@${partition}`,
    },
  ),
);

test('what is written is read back, in any order of partitions and moves', () => {
  fc.assert(
    fc.property(places, fc.boolean(), (entries, encoded) => {
      const table = new PartitionTable();
      for (const { topic, partition } of entries) table.add(topic, partition);
      const writer = new CursorWriter(table, [], encoded);
      for (const { topic, partition, last } of entries) writer.move(table.add(topic, partition), last);
      const text = writer.toString();
      const progress: number[] = table.partitions.map(() => -1);
      for (const { topic, partition, last } of entries) progress[table.add(topic, partition)] = last;
      expect(text).toBe(formatCursor(table, progress, encoded));
      const read = parseCursor(text, encoded).entries.map(
        ({ topic, partition, last }) => `${topic}@${partition}#${last}`,
      );
      expect(read.toSorted()).toEqual(
        table.partitions
          .map(({ topic, partition }, slot) => `${topic}@${partition}#${progress[slot]}`)
          .toSorted(),
      );
    }),
  );
});
