import type { Message, MessageHeader } from '@sluice/core';
import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { HTTP, Kafka } from 'cloudevents';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import type { CloudEventsConfig } from '../src/config.js';
import cloudEvents from '../src/index.js';

const expressions = fakeExpressions({
  '{#exchange}': async (ctx) => ctx.attributes.get('exchange') ?? 'x',
  '{#nothing}': () => null,
});
const created = (config: Partial<CloudEventsConfig> = {}) =>
  cloudEvents.create(
    { format: 'structured', extensions: [], ...config },
    { apiId: 'test', log: recordingLogger(), expressions },
  );
const header = (name: string, value: string): MessageHeader => [name, Buffer.from(value)];
const ctx = () => fakeContext({ request: { contextPath: '/orders/' } });
const CE = [header('ce_id', 'e-1'), header('ce_type', 'order.created'), header('ce_source', '/shop')];

/** What a message becomes in publish. */
async function written(config: Partial<CloudEventsConfig>, message: Partial<Message>) {
  const result = await created(config).onPublish?.(
    { ...textMessage('{"n":1}'), headers: [], ...message },
    ctx(),
  );
  if (result === null || result === undefined) throw new Error('dropped');
  const headers = Object.fromEntries(result.headers.map(([name, value]) => [name, String(value)]));
  return { ...result, headers, json: () => JSON.parse(String(result.content)) as Record<string, unknown> };
}

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: cloudEvents,
      config: { id: 'fixed', type: 'test.{#exchange}' },
      writesContent: () => true,
      headers: ['content-type'],
      expressions: fakeExpressions({
        'test.{#exchange}': async (one) => `test.${String(one.attributes.get('exchange'))}`,
      }),
      withoutDefault: ['scope', 'id', 'type', 'source', 'subject', 'time', 'dataContentType', 'dataSchema'],
      wrong: [
        { config: { format: 'batched' }, says: /format/ },
        {
          config: { extensions: [{ name: 'Not-Valid', value: 'x' }] },
          says: /must be up to 20 lower-case letters/,
        },
        { config: { type: '{#what' }, says: /\{#what/ },
      ],
    }),
  );
});

describe('structured', () => {
  test('is one JSON document that the SDK reads back, out of headers of both bindings', async () => {
    const headers = [
      header('ce-id', 'e-1'),
      ...CE.slice(1),
      header('ce_tenant', 'acme'),
      header('x-kept', '1'),
    ];
    const { content, headers: got } = await written(
      {},
      { headers: [...headers, header('Content-Type', 'application/json')] },
    );
    expect(got).toEqual({ 'x-kept': '1', 'content-type': 'application/cloudevents+json' });
    const event = HTTP.toEvent({ headers: got, body: String(content) }) as unknown as Record<string, unknown>;
    expect(event).toMatchObject({
      specversion: '1.0',
      id: 'e-1',
      type: 'order.created',
      source: '/shop',
      tenant: 'acme',
      datacontenttype: 'application/json',
      data: { n: 1 },
    });
  });

  test('takes from the configuration, then headers, then what is known', async () => {
    const config = { type: '{#exchange}', subject: '{#nothing}', extensions: [{ name: 'team', value: 'a' }] };
    const { json } = await written(config, { headers: [CE[0] as MessageHeader, header('ce_type', 'other')] });
    expect(json()).toMatchObject({
      id: 'e-1',
      type: 'x',
      source: '/orders/',
      team: 'a',
      time: expect.stringMatching(/Z$/),
    });
    expect(json()).not.toHaveProperty('subject');
    expect((await written({ type: 't' }, { id: 'orders@0#7' })).json().id).toBe('orders@0#7');
    expect((await written({ type: 't' }, { id: '' })).json().id).toMatch(/^[\da-f-]{36}$/);
  });

  test.each([
    ['JSON', 'application/json', '[1]', { data: [1] }],
    ['JSON of a type of its own', 'application/vnd.x+json', '{}', { data: {} }],
    ['text', 'text/plain', '[1]', { data: '[1]' }],
    ['text without a type', '', 'hello', { data: 'hello' }],
    ['what says it is JSON and is not', 'application/json', 'hello', { data: 'hello' }],
    ['bytes', 'application/avro', Buffer.from([0xff]), { data_base64: '/w==' }],
  ])('holds %s', async (_, type, content, expected) => {
    const headers = type === '' ? CE : [...CE, header('content-type', type)];
    expect((await written({}, { headers, content: Buffer.from(content) })).json()).toMatchObject(expected);
  });

  test('of a tombstone has no data', async () => {
    const event = (await written({}, { headers: CE, content: null })).json();
    expect(event).not.toHaveProperty('data');
    expect(event).not.toHaveProperty('data_base64');
  });

  test('stays what it is, but for what the configuration sets', async () => {
    const event = { specversion: '1.0', id: 'a', type: 't', source: '/s', data: { x: 1 }, tenant: 'acme' };
    const message = {
      headers: [header('content-type', 'application/cloudevents+json; charset=utf-8')],
      content: Buffer.from(JSON.stringify(event)),
    };
    expect((await written({ subject: 'new' }, message)).json()).toEqual({ ...event, subject: 'new' });
  });
});

describe('binary', () => {
  test('keeps the content, and the attributes are headers that the SDK reads back', async () => {
    const { content, headers } = await written(
      { format: 'binary' },
      {
        headers: [...CE, header('content-type', 'application/json')],
      },
    );
    expect(String(content)).toBe('{"n":1}');
    const event = Kafka.toEvent({ headers, body: String(content), value: String(content) } as never);
    expect(event).toMatchObject({ id: 'e-1', type: 'order.created', source: '/shop', data: { n: 1 } });
  });

  test.each([
    [{ data: { x: 1 } }, '{"x":1}'],
    [{ data: 'text', datacontenttype: 'text/plain' }, 'text'],
    [{ data: 'text' }, '"text"'],
    [{ data_base64: '/w==' }, Buffer.from([0xff])],
  ])('takes the data out of a structured event: %j', async (data, expected) => {
    const event = { specversion: '1.0', id: 'a', type: 't', source: '/s', ...data };
    const { content, headers } = await written(
      { format: 'binary' },
      {
        headers: [header('content-type', 'application/cloudevents+json')],
        content: Buffer.from(JSON.stringify(event)),
      },
    );
    expect(content).toEqual(Buffer.from(expected));
    expect(headers).toMatchObject({ ce_id: 'a', ce_type: 't', ce_source: '/s' });
  });

  test('leaves a tombstone one', async () => {
    expect((await written({ format: 'binary' }, { headers: CE, content: null })).content).toBeNull();
  });
});

describe('a message that cannot be an event ends: 400 for who publishes, 500 for who reads', () => {
  test.each([
    ['no type', [header('ce_id', 'a')], 'x', "must have required property 'type'"],
    ['a time that is none', [...CE, header('ce_time', 'now')], 'x', 'time must match format "date-time"'],
    ['an attribute of a wrong name', [...CE, header('ce_Not_valid', 'x')], 'x', 'invalid extension name'],
    [
      'a structured event that is none',
      [header('content-type', 'application/cloudevents+json')],
      '[]',
      'it is no JSON object',
    ],
  ])('%s', async (_, headers, text, reason) => {
    const policy = created();
    const message = { ...textMessage(text), headers };
    const error = { code: 'CLOUD_EVENT_INVALID', message: expect.stringContaining(reason) };
    await expect(async () => policy.onPublish?.(message, ctx())).rejects.toMatchObject({
      status: 400,
      ...error,
    });
    await expect(async () => policy.onSubscribe?.(message, ctx())).rejects.toMatchObject({
      status: 500,
      ...error,
    });
  });
});
