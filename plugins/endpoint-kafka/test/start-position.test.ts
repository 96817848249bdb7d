import type { GapNotice } from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { parseCursor } from '../src/cursor.js';
import { PartitionTable } from '../src/partition-table.js';
import { givenCursor, progressOf } from '../src/start-position.js';

function read(cursor: string, partitions: Readonly<Record<string, number>>, topics: readonly string[]) {
  const table = new PartitionTable(topics);
  for (const [topic, count] of Object.entries(partitions)) if (count > 0) table.add(topic, count - 1);
  const gaps: GapNotice[] = [];
  const given = givenCursor(table, topics, parseCursor(cursor, false));
  const marks = table.partitions.map(() => ({ low: 2, high: 10 }));
  const progress = progressOf(given, table, marks, {
    reset: 'latest',
    otherwise: () => 9,
    onGap: (gap) => gaps.push(gap),
  });
  return { progress, gaps };
}

const incomplete = (source: string) => ({ key: 'CURSOR_INCOMPLETE', source, from: 2, to: 10 });

describe('partitions that a cursor does not name', () => {
  test('one behind the last that is named was added later: it is read whole', () => {
    expect(read('t@0#4,1#5', { t: 4 }, ['t'])).toEqual({ progress: [4, 5, 1, 1], gaps: [] });
  });

  test('a cursor with a hole was written by hand: the rest begins by the rule, and that is told', () => {
    const { progress, gaps } = read('t@1#4', { t: 3 }, ['t']);
    expect(progress).toEqual([9, 4, 9]);
    expect(gaps).toEqual([incomplete('t@0'), incomplete('t@2')]);
  });

  test('a topic that a definition names and the cursor does not', () => {
    expect(read('t@0#4', { t: 1, u: 1 }, ['t', 'u'])).toEqual({
      progress: [4, 9],
      gaps: [incomplete('u@0')],
    });
  });

  test('a further topic of a pattern is read whole', () => {
    expect(read('t@0#4', { t: 1, u: 1 }, [])).toEqual({ progress: [4, 1], gaps: [] });
    expect(read('-', { t: 1 }, []), 'nothing had matched yet').toEqual({ progress: [1], gaps: [] });
  });

  test('a topic that did not exist when the cursor was issued is read whole', () => {
    const { progress } = read('t@0#4;u@0#-1', { t: 1, u: 3 }, ['t', 'u']);
    // Two records of the first are gone meanwhile, which the client is told.
    expect(progress.slice(2)).toEqual([1, 1]);
  });

  test('the id of a record stands for its partition alone, where cursors are base64', () => {
    const table = new PartitionTable(['t']);
    table.add('t', 1);
    const { slots, added } = givenCursor(table, ['t'], parseCursor('t@0#4', true));
    expect([[...slots], [...added]]).toEqual([[[0, 4]], []]);
    const encoded = parseCursor(Buffer.from('t@0#4').toString('base64'), true);
    expect([...givenCursor(table, ['t'], encoded).added]).toEqual([1]);
  });

  test('a topic that still does not exist', () => {
    expect(read('u@0#-1', {}, ['u'])).toEqual({ progress: [], gaps: [] });
  });

  test.each(['t@7#3', 'other@0#-1'])('what the API does not have is refused: %s', (cursor) => {
    expect(() => read(cursor, { t: 1 }, ['t'])).toThrow(expect.objectContaining({ key: 'INVALID_CURSOR' }));
  });
});
