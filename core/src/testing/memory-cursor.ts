import { SluiceError } from '../contract/errors.js';

/** The cursor of a memory endpoint: for each partition the offset that was delivered last, -1 for none yet. */
export function writeCursor(next: readonly number[]): string {
  return next.map((offset) => offset - 1).join(',');
}

/** The offsets to read next. @throws SluiceError `INVALID_CURSOR` when it is not one that {@link writeCursor} wrote */
export function readCursor(cursor: string, partitions: number): readonly number[] {
  if (!/^(-1|\d{1,15})(,(-1|\d{1,15}))*$/.test(cursor)) throw new SluiceError('INVALID_CURSOR');
  const next = cursor.split(',').map((offset) => Number(offset) + 1);
  if (next.length !== partitions) throw new SluiceError('INVALID_CURSOR');
  return next;
}
