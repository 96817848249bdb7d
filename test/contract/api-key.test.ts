import { describe, expect, test } from 'vitest';
import { answerOf, planGateway, sha256 } from '../support/plans.js';

const plan = (configuration: object = {}) => [{ id: 'gold', security: { type: 'api-key', configuration } }];
const entry = (id: string, key: string, rest: object = {}) => ({ id, sha256: sha256(key), ...rest });
const file = (...keys: object[]) => ({ keys: [{ plan: 'gold', keys }] });
const shop = file(
  entry('shop', 'good', { application: 'web', metadata: { feature: 'blue' } }),
  entry('gone', 'revoked', { revoked: true }),
  entry('old', 'expired', { expiresAt: '2020-01-01T00:00:00Z' }),
);
const CHALLENGE = 'ApiKey realm="orders"';

describe('a request', () => {
  test.each([
    ['without a key', {}, '', [401, 'API_KEY_MISSING', CHALLENGE]],
    ['with an empty one', { 'x-gravitee-api-key': '' }, '', [401, 'API_KEY_INVALID', CHALLENGE]],
    ['with an empty one in the query', {}, '?api-key=', [401, 'API_KEY_INVALID', CHALLENGE]],
    ['with an unknown one', { 'x-gravitee-api-key': 'nope' }, '', [401, 'API_KEY_INVALID', CHALLENGE]],
    ['with a revoked one', { 'x-gravitee-api-key': 'revoked' }, '', [401, 'API_KEY_INVALID', CHALLENGE]],
    ['with an expired one', { 'x-gravitee-api-key': 'expired' }, '', [401, 'API_KEY_INVALID', CHALLENGE]],
    [
      'with the digest of one',
      { 'x-gravitee-api-key': sha256('good') },
      '',
      [401, 'API_KEY_INVALID', CHALLENGE],
    ],
    ['with a good one in the header', { 'X-Gravitee-Api-Key': 'good' }, '', [202, '', null]],
    ['with a good one in the query', {}, '?api-key=good', [202, '', null]],
  ])('%s', async (_, headers, query, expected) => {
    const gateway = await planGateway(plan(), shop);
    expect(await answerOf(await gateway.post(headers, query))).toEqual(expected);
    expect(gateway.published).toHaveLength(expected[0] === 202 ? 1 : 0);
  });

  test('may use the names the plan gives', async () => {
    const gateway = await planGateway(plan({ header: 'X-Key', queryParameter: 'k' }), shop);
    expect((await gateway.post({ 'x-key': 'good' })).status).toBe(202);
    expect((await gateway.post({}, '?k=good')).status).toBe(202);
    expect((await gateway.post({ 'x-gravitee-api-key': 'good' })).status).toBe(401);
  });
});

describe('the key', () => {
  const seen = async (configuration: object, headers: Record<string, string>, query: string) => {
    const gateway = await planGateway(plan(configuration), shop);
    await gateway.post(headers, query);
    const [{ message, ctx } = { message: undefined, ctx: undefined }] = gateway.published;
    const texts = [
      ...(message?.headers ?? []).map(([name, value]) => `${name}=${value}`),
      ctx?.request.uri,
      `${ctx?.request.query}`,
      `request header: ${ctx?.request.headers.get('x-gravitee-api-key')}`,
      `${ctx?.attributes.get('gravitee.attribute.api-key')}`,
    ];
    return {
      text: texts.join('\n'),
      log: JSON.stringify(gateway.log.lines),
      subscription: ctx?.subscription,
    };
  };

  test('is not seen by flows, messages and logs, in the header or the query', async () => {
    for (const [headers, query] of [
      [{ 'x-gravitee-api-key': 'good' }, '?a=1'],
      [{}, '?a=1&api-key=good&b=2'],
    ] as const) {
      const { text, log } = await seen({}, headers, query);
      expect(text).not.toContain('good');
      expect(text).toContain('a=1');
      expect(log).not.toContain('good');
    }
  });

  test('is, when the plan propagates it', async () => {
    const { text } = await seen({ propagateApiKey: true }, { 'x-gravitee-api-key': 'good' }, '');
    expect(text).toContain('request header: good');
  });

  test('says which subscription it is', async () => {
    const { subscription } = await seen({}, { 'x-gravitee-api-key': 'good' }, '');
    expect(subscription).toEqual({
      id: 'shop',
      type: 'standard',
      planId: 'gold',
      applicationId: 'web',
      metadata: { feature: 'blue' },
    });
  });
});

test('messages are filtered by the metadata of who reads', async () => {
  const filter = "{#jsonPath(#message.content, '$.feature') == #subscription.metadata.feature}";
  const api = { flows: [{ subscribe: [{ policy: 'message-filtering', configuration: { filter } }] }] };
  const gateway = await planGateway(plan(), { ...shop, api });
  const post = (feature: string) =>
    fetch(gateway.url, {
      method: 'POST',
      headers: { 'x-gravitee-api-key': 'good' },
      body: JSON.stringify({ feature }),
    });
  for (const feature of ['red', 'blue', 'green']) expect((await post(feature)).status).toBe(202);
  const response = await fetch(gateway.url, {
    headers: { accept: 'text/event-stream', 'x-gravitee-api-key': 'good' },
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array);
    if (text.includes('blue')) break;
  }
  expect(text).not.toMatch(/red|green/);
});

describe('a file of keys', () => {
  test.each([
    ['a key in the clear', { id: 'a', key: 'secret-in-clear' }, 'unknown member "key"'],
    ['a digest that is none', { id: 'a', sha256: 'abc' }, 'must be a SHA-256 of 64 hexadecimal digits'],
    ['no id', { sha256: sha256('a') }, 'the member "id" is missing'],
    [
      'a date that is none',
      { id: 'a', sha256: sha256('a'), expiresAt: 'tomorrow' },
      'must be a date and time with its zone',
    ],
  ])('with %s is told with its place, and lets nobody in', async (_, key, message) => {
    const gateway = await planGateway(plan(), file(key));
    const lines = gateway.log.lines.filter(({ level }) => level === 'error');
    expect(lines.map((line) => line.message).join('\n')).toContain(message);
    expect(lines.map((line) => line.message).join('\n')).toMatch(/0\.api-keys\.json:1:\d+/);
    expect(JSON.stringify(gateway.log.lines)).not.toContain('secret-in-clear');
    expect((await gateway.post({ 'x-gravitee-api-key': 'secret-in-clear' })).status).toBe(401);
  });

  test.each([
    [
      'two keys of one id',
      [entry('a', 'one'), entry('a', 'two')],
      'two API keys of the plan have the id "a"',
    ],
    [
      'an expiry in no calendar',
      [entry('a', 'one', { expiresAt: '2026-02-30T00:00:00Z' })],
      'the API key "a" expires at "2026-02-30T00:00:00Z", which does not exist',
    ],
    ['one key twice', [entry('a', 'one'), entry('b', 'one')], 'the API keys "a" and "b" are the same'],
  ])('with %s keeps the API from being deployed', async (_, entries, message) => {
    const gateway = await planGateway(plan(), file(...entries));
    expect(gateway.log.lines.map((line) => line.message).join()).toContain(message);
    expect((await gateway.post()).status).toBe(404);
  });
});
