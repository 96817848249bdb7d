import { readInstant, readStart } from '@sluice/core';
import { describe, expect, test } from 'vitest';

describe('an instant', () => {
  test.each([
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-01-31T12:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31t12:00:00.5z', Date.UTC(2026, 0, 31, 12, 0, 0, 500)],
    ['2026-01-31T12:00:00.123456789Z', Date.UTC(2026, 0, 31, 12, 0, 0, 123)],
    ['2026-01-31T00:30:00+01:30', Date.UTC(2026, 0, 30, 23)],
    ['2026-01-31T23:30:00-01:30', Date.UTC(2026, 1, 1, 1)],
    ['0099-01-01', new Date('0099-01-01').getTime()],
  ])('%s is read', (text, at) => {
    expect(readInstant(text)).toBe(at);
  });

  test.each([
    '2026-02-29',
    '2026-02-30',
    '2026-04-31T12:00:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-31T24:00Z',
    '2026-01-31T12:60Z',
    '2026-01-31T12:00:60Z',
    '2026-01-31T12:00:00',
    '2026-01-31T12:00+24:00',
    '2026-01-31 12:00Z',
    '1700000000000',
    'yesterday',
    '',
  ])('%s is none', (text) => {
    expect(readInstant(text)).toBeUndefined();
  });
});

describe('the start in a query', () => {
  const read = (query: string, qos: 'none' | 'balanced' = 'none') =>
    readStart(new URLSearchParams(query), qos);

  test.each([
    ['', {}],
    ['cursor=&since=&lastEventId=', {}],
    ['cursor=a+b', { cursor: 'a+b' }],
    ['cursor=a%2Bb', { cursor: 'a+b' }],
    ['lastEventId=7', { cursor: '7' }],
    ['lastEventID=7', { cursor: '7' }],
    ['Last-Event-ID=7', { cursor: '7' }],
    ['last_event_id=7', { cursor: '7' }],
    ['since=2026-01-31T13:00:00+01:00', { since: Date.UTC(2026, 0, 31, 12) }],
    ['event=7&limit=3', {}],
  ])('%s', (query, start) => {
    expect(read(query)).toEqual(start);
  });

  test.each([
    ['cursor=a&cursor=b', /cursor more than once/],
    ['lastEventId=a&lastEventId=a', /cursor more than once/],
    ['cursor=a&lastEventId=a', /cursor more than once/],
    ['since=2026-01-31&since=2026-01-31', /since more than once/],
    ['cursor=a&since=2026-01-31', /two places/],
    ['since=2026-02-30', /since must be a time such as/],
    ['since=2999-01-01', /since must be a time that has been/],
  ])('%s is refused', (query, message) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({ key: 'INVALID_PARAMETER', message: expect.stringMatching(message) }),
    );
  });

  test('is refused where no cursor is kept', () => {
    expect(() => read('cursor=a', 'balanced')).toThrow(expect.objectContaining({ key: 'INVALID_CURSOR' }));
    expect(() => read('since=2026-01-31', 'balanced')).toThrow(
      expect.objectContaining({ key: 'INVALID_CURSOR' }),
    );
    expect(read('cursor=', 'balanced')).toEqual({});
  });
});
