import { describe, expect, test } from 'vitest';
import { gatewayWith, step } from './policies-gateway.js';

describe('cloud-events', () => {
  const EVENT = step('cloud-events', {
    type: 'test.created',
    source: '/test',
    id: 'e-1',
    time: '2026-01-01T00:00:00Z',
  });

  test('in publish, an event is what is stored, and a message that cannot be one is 400', async () => {
    const gateway = await gatewayWith({ publish: [EVENT] });
    expect((await gateway.post('{"n":1}', { 'content-type': 'application/json' })).status).toBe(202);
    expect(JSON.parse(gateway.published()[0]?.content ?? '')).toEqual({
      specversion: '1.0',
      id: 'e-1',
      type: 'test.created',
      source: '/test',
      time: '2026-01-01T00:00:00Z',
      data: { n: 1 },
    });
    const wrong = await gatewayWith({ publish: [step('cloud-events', {})] });
    const answer = await wrong.post('x');
    expect([answer.status, ((await answer.json()) as { key: string }).key]).toEqual([
      400,
      'CLOUD_EVENT_INVALID',
    ]);
    expect(wrong.published()).toEqual([]);
  });

  test('in subscribe, an event is what is streamed', async () => {
    const gateway = await gatewayWith({ subscribe: [EVENT] }, { content: '{"n":1}', count: 1 });
    const { events } = await gateway.stream();
    expect(events.map(({ data }) => JSON.parse(data))).toMatchObject([{ id: 'e-1', data: { n: 1 } }]);
  });
});

describe('request-envelope', () => {
  test('in publish, the request is what is stored; what is not as its type says is 400', async () => {
    const gateway = await gatewayWith({
      publish: [step('request-envelope', { forwardMethod: true, forwardUri: true, forwardHeaders: true })],
    });
    expect(
      (await gateway.post('{"n":1}', { 'content-type': 'application/json', authorization: 'Bearer s' }))
        .status,
    ).toBe(202);
    const { headers, ...envelope } = JSON.parse(gateway.published()[0]?.content ?? '') as { headers: object };
    expect(envelope).toEqual({
      method: 'POST',
      uri: '/test',
      uri_args: {},
      body: '{"n":1}',
      body_args: { n: 1 },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json' });
    expect(headers).not.toHaveProperty('authorization');
    expect((await gateway.post('{', { 'content-type': 'application/json' })).status).toBe(400);
    expect(gateway.published()).toHaveLength(1);
  });

  test('in subscribe it cannot stand', async () => {
    const { problems } = await gatewayWith({ subscribe: [step('request-envelope', {})] });
    expect(problems).toEqual([expect.stringContaining('cannot stand in subscribe')]);
  });
});
