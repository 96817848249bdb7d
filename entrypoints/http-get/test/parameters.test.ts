import { describe, expect, test } from 'vitest';
import { type PageRequest, readParameters } from '../src/parameters.js';
import { CONFIG } from './serve.js';

function read(query: string, prefer?: string, qos: 'at-best' | 'balanced' = 'at-best'): PageRequest {
  const headers = new Map(prefer === undefined ? [] : [['prefer', [prefer]]]);
  return readParameters({ query: new URLSearchParams(query), headers }, CONFIG, qos);
}

describe('limit', () => {
  test.each([
    ['', 500, undefined],
    ['limit=', 500, undefined],
    ['limit=1', 1, '1'],
    ['limit=007', 7, '007'],
    ['limit=500', 500, '500'],
    ['limit=501', 500, '501'],
    ['limit=999999999', 500, '999999999'],
  ])('%j is %i messages', (query, count, limit) => {
    expect(read(query)).toMatchObject({ count });
    expect(read(query).limit).toBe(limit);
  });

  test.each(['0', '-1', '1.5', 'x', '1e3', '0x10', ' 5', '9999999999', '٣'])('%j is refused', (limit) => {
    expect(() => read(`limit=${encodeURIComponent(limit)}`)).toThrow(
      expect.objectContaining({
        key: 'INVALID_PARAMETER',
        message: `limit must be a whole number from 1 to 500; "${limit}" is not`,
      }),
    );
  });
});

describe('where it starts', () => {
  test('a cursor is taken as sent; an empty one is none; a plus sent as it is comes back', () => {
    expect(read('cursor=abc%3D').cursor).toBe('abc=');
    expect(read('cursor=').cursor).toBeUndefined();
    expect(read('cursor=a+b').cursor).toBe('a+b');
  });

  test.each([
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31t12:00:00.5z', Date.UTC(2026, 0, 31, 12, 0, 0, 500)],
    ['2026-01-31T13:30+01:30', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T11:00-01:00', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
  ])('since %s, with its plus encoded or not', (since, at) => {
    expect(read(`since=${encodeURIComponent(since)}`).since).toBe(at);
    expect(read(`since=${since}`).since).toBe(at);
  });

  test.each([
    'yesterday',
    '1700000000000',
    '2026-13-01',
    '2026-01-31T25:00Z',
    '2026-01-31T12:00:00',
    '31.1.2026',
  ])('since %s is refused with an example', (since) => {
    expect(() => read(`since=${since}`)).toThrow(
      expect.objectContaining({
        key: 'INVALID_PARAMETER',
        message: expect.stringContaining('2026-01-31T12:00:00Z'),
      }),
    );
  });

  test('two places, or one given twice, are refused', () => {
    const refusal = expect.objectContaining({ key: 'INVALID_PARAMETER' });
    expect(() => read('cursor=a&since=2026-01-31')).toThrow(refusal);
    expect(() => read('cursor=a&cursor=b')).toThrow(refusal);
    expect(() => read('limit=1&limit=2')).toThrow(refusal);
  });

  test('balanced, which keeps no cursor, refuses one', () => {
    const refusal = expect.objectContaining({ key: 'INVALID_CURSOR' });
    expect(() => read('cursor=a', undefined, 'balanced')).toThrow(refusal);
    expect(() => read('since=2026-01-31', undefined, 'balanced')).toThrow(refusal);
    expect(read('limit=3', undefined, 'balanced').count).toBe(3);
  });
});

describe('Prefer: wait', () => {
  test.each([
    [undefined, 5000, undefined],
    ['wait=0', 0, 0],
    ['wait=2', 2000, 2],
    ['WAIT = "3"', 3000, 3],
    ['respond-async, wait=4; x=y', 4000, 4],
    ['wait=3600', 20_000, 20],
    ['wait=-1', 5000, undefined],
    ['wait=soon', 5000, undefined],
    ['return=minimal', 5000, undefined],
  ])('%s waits %i ms', (prefer, durationMs, waitSeconds) => {
    const found = read('', prefer);
    expect([found.durationMs, found.waitSeconds]).toEqual([durationMs, waitSeconds]);
  });
});
