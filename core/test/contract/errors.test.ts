import { ERRORS, type ErrorKey, newMessage, SluiceError } from '@sluice/core';
import { describe, expect, test } from 'vitest';

describe.each(Object.entries(ERRORS))('%s', (key, entry) => {
  test('has a status, a close code that may be sent, and words for client and reader', () => {
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    // RFC 6455 §7.4.1: 1004 to 1006 and 1015 never stand in a close frame.
    expect([1000, 1001, 1003, 1007, 1008, 1009, 1011, 1012, 1013]).toContain(entry.closeCode);
    expect(entry.message).toMatch(/^[A-Z].{5,}/);
    expect(entry.about).toMatch(/^[A-Z`].{10,}\.$/s);
    expect(key === 'goaway' || /^[A-Z]+(_[A-Z]+)+$/.test(key)).toBe(true);
  });

  test('is retryable only with a status that says so, and not logged as an error where the client is at fault', () => {
    if (entry.retryable) expect([408, 425, 429, 503, 504]).toContain(entry.status);
    if (entry.status < 500) expect(entry.level).not.toBe('error');
  });
});

describe('a SluiceError', () => {
  test('says what the table says, unless the thrower says better', () => {
    expect(new SluiceError('INVALID_CURSOR').message).toBe('The cursor is not valid');
    expect(new SluiceError('INVALID_CURSOR', { message: 'Too long' }).message).toBe('Too long');
    expect(new SluiceError('INVALID_CURSOR').entry).toBe(ERRORS.INVALID_CURSOR);
  });

  test('may be repeated after a second where the table says that it may be repeated', () => {
    for (const key of Object.keys(ERRORS) as ErrorKey[]) {
      expect(new SluiceError(key).retryAfterSeconds).toBe(ERRORS[key].retryable ? 1 : undefined);
    }
    expect(new SluiceError('goaway', { retryAfterSeconds: 9 }).retryAfterSeconds).toBe(9);
  });

  test('is itself when it was thrown, and the cause of an INTERNAL_ERROR is whatever else was', () => {
    const own = new SluiceError('goaway');
    expect(SluiceError.from(own)).toBe(own);
    for (const thrown of [new TypeError('x'), 'text', undefined, null]) {
      const error = SluiceError.from(thrown);
      expect(error.key).toBe('INTERNAL_ERROR');
      expect(error.message).toBe('Internal Server Error');
      expect(error.cause).toBe(thrown);
    }
  });
});

test('a new message has no id, key and metadata', () => {
  expect(newMessage(null, [], 5)).toEqual({
    id: '',
    key: null,
    content: null,
    headers: [],
    timestampMs: 5,
    metadata: {},
  });
});
