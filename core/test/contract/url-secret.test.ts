import { expect, test } from 'vitest';
import { secretFrom } from '../../src/contract/url-secret.js';

/** What may be shown of a URL stands before the bar. */
test.each([
  'https://hooks.example.com/orders|',
  'https://hooks.example.com/a-rather-long-name-of-a-hook|',
  'https://hooks.example.com|',
  'https://hooks.example.com/a?|token=x',
  'https://hooks.example.com?|token=x',
  'https://hooks.example.com/services/T024BE7LD/|X0nQq8rTzLmW4eV2kYbPaJdC',
  'https://hooks.example.com/|0f8fad5b-d9cb-469f-a165-70867728950e/x?y=z',
  'https://|user:password@hooks.example.com/x',
  'HTTP://hooks.example.com/|AbCdEfGhIjKlMnOpQr',
])('%s', (text) => {
  const [shown = '', hidden = ''] = text.split('|');
  expect(secretFrom(shown + hidden)).toBe(hidden === '' ? undefined : shown.length);
});

test('a text that is no URL of HTTP has none', () => {
  expect(secretFrom('0f8fad5b-d9cb-469f-a165-70867728950e')).toBeUndefined();
});
