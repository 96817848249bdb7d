import { describe, expect, it } from 'vitest';
import { Place } from '../src/place.js';

/** Feeds offsets; gives those that are handed over, and where a log began anew. */
function read(place: Place, offsets: readonly number[], end = 1000) {
  const handed: number[] = [];
  const restarts: number[] = [];
  for (const offset of offsets) {
    if (offset < place.next) {
      if (!place.restartsAt(offset, () => end)) continue;
      restarts.push(offset);
    }
    place.reach(offset);
    handed.push(offset);
  }
  return { handed, restarts };
}

describe('a place in a partition', () => {
  it('what an assignment before had fetched comes once', () => {
    const place = new Place(10, true);
    expect(read(place, [10, 11, 12, 10, 11, 12, 13])).toEqual({ handed: [10, 11, 12, 13], restarts: [] });
  });

  it('a log that begins anew is read again, before and behind where the assignment began', () => {
    expect(read(new Place(10, false), [10, 11, 0, 1])).toEqual({ handed: [10, 11, 0, 1], restarts: [0] });
    expect(read(new Place(0, false), [0, 1, 2, 0, 1])).toEqual({ handed: [0, 1, 2, 0, 1], restarts: [0] });
    expect(read(new Place(10, true), [10, 11, 5, 6])).toEqual({ handed: [10, 11, 5, 6], restarts: [5] });
  });

  it('it may begin anew more than once, also when something was fetched twice', () => {
    const place = new Place(0, true);
    const twice = [0, 1, 0, 1, 2, 0, 1, 0];
    expect(read(place, twice)).toEqual({ handed: [0, 1, 2, 0, 1, 0], restarts: [0, 0] });
  });

  it('an end that lies before what was read shows that the log is another one', () => {
    expect(read(new Place(0, true), [0, 1, 2, 0], 1)).toEqual({ handed: [0, 1, 2, 0], restarts: [0] });
  });
});
