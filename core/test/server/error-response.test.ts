import { SluiceError } from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { errorResponse } from '../../src/server/error-response.js';

const JSON_TYPE = ['application/json'];

test('as JSON an error has its message, status, key and the id of the request, and nothing else', () => {
  const error = new SluiceError('PUBLISH_REFUSED', { cause: new Error('broker-1.internal') });
  const { status, headers, body } = errorResponse(error, 'r-1', JSON_TYPE);
  expect(status).toBe(502);
  expect(headers).toEqual({ 'X-Request-Id': 'r-1', 'Content-Type': 'application/json' });
  expect(JSON.parse(String(body))).toEqual({
    message: 'The endpoint refused the message',
    http_status_code: 502,
    key: 'PUBLISH_REFUSED',
    request_id: 'r-1',
  });
});

test('as text it is the message alone', () => {
  const { status, headers, body } = errorResponse(new SluiceError('NO_ENTRYPOINT'), 'r-1', ['text/html']);
  expect({ status, body }).toEqual({ status: 404, body: 'No entrypoint matches the incoming request' });
  expect(headers).toEqual({ 'X-Request-Id': 'r-1', 'Content-Type': 'text/plain; charset=utf-8' });
});

describe('JSON is what a client gets that', () => {
  const isJson = (accept: readonly string[] | undefined) =>
    errorResponse(new SluiceError('BAD_REQUEST'), 'r', accept).headers?.['Content-Type'] ===
    'application/json';

  test.each([
    [['application/json']],
    [['*/*']],
    [['text/html,application/json;q=0.9']],
    [['text/html', ' application/json ; charset=utf-8']],
    [['Application/JSON']],
    [['text/html, */*;q=0.1']],
    [['application/*']],
    [['text/plain;q=0.5, application/json;q=0.6']],
  ])('accepts %j', (accept) => {
    expect(isJson(accept)).toBe(true);
  });

  test.each([
    [undefined],
    [[]],
    [['']],
    [['text/*']],
    [['text/plain, application/json;q=0.9']],
    [['application/json-seq']],
    [['application/json;q=0, text/plain']],
    [['*/*; q=0.0']],
  ])('does not accept %j', (accept) => {
    expect(isJson(accept)).toBe(false);
  });
});

test('Retry-After is there where repeating helps, and not where it does not', () => {
  const retryAfter = (error: SluiceError) => errorResponse(error, 'r', JSON_TYPE).headers?.['Retry-After'];
  expect(retryAfter(new SluiceError('ENDPOINT_UNAVAILABLE'))).toBe('1');
  expect(retryAfter(new SluiceError('TOO_MANY_CONSUMERS', { retryAfterSeconds: 30 }))).toBe('30');
  expect(retryAfter(new SluiceError('NO_ENTRYPOINT'))).toBeUndefined();
});

test('headers of the error are sent', () => {
  const error = new SluiceError('METHOD_NOT_ALLOWED', { headers: { Allow: 'GET' } });
  expect(errorResponse(error, 'r', undefined).headers).toMatchObject({ Allow: 'GET' });
});
