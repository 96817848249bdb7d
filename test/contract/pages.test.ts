import { faultyEndpoint, MemoryEndpoint, numberedMessages, textMessage } from '@sluice/core/testing';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { getPage } from '../support/pages.js';
import { fc } from '../support/property.js';
import { tracePolicy } from '../support/trace-policy.js';

interface ApiParts {
  readonly qos?: string;
  readonly get?: object;
  readonly flows?: readonly object[];
}

/** http-get, http-post and sse on `/test`, over an endpoint that the test holds. */
async function served(endpoint: MemoryEndpoint | ReturnType<typeof faultyEndpoint>, parts: ApiParts = {}) {
  const { qos = 'at-least-once', get = {}, flows = [] } = parts;
  const api = {
    id: 'test',
    name: 'test',
    type: 'message',
    definitionVersion: '4.0.0',
    flows,
    listeners: [
      {
        type: 'http',
        paths: [{ path: '/test' }],
        entrypoints: [
          { type: 'http-get', qos, configuration: { messagesLimitDurationMs: 200, ...get } },
          { type: 'http-post' },
          { type: 'sse', qos: 'none' },
        ],
      },
    ],
    endpointGroups: [{ name: 'group', type: 'test', endpoints: [{ name: 'end', type: 'test' }] }],
  };
  const gateway = await startTestGateway({
    apis: [api],
    plugins: [endpointPlugin(endpoint), tracePolicy([])],
  });
  expect(gateway.problems).toEqual([]);
  return { ...gateway, page: `${gateway.url}/test` };
}

const contents = (page: Awaited<ReturnType<typeof getPage>>) => page.items.map(({ content }) => content);
const texts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

test('pages without a cursor go on where the last ended, each read when its response has ended', async () => {
  const { page } = await served(new MemoryEndpoint({ messages: numberedMessages(500), partitions: 3 }));
  const seen: unknown[] = [];
  while (seen.length < 500) seen.push(...contents(await getPage(page, { limit: 37 })));
  expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, number) => number));
});

test('everything is acknowledged before the response ends', async () => {
  const endpoint = faultyEndpoint(numberedMessages(20));
  const { page } = await served(endpoint);
  const response = await request(`${page}?limit=20`, { headers: { accept: 'text/plain' } });
  await response.body.text();
  expect(endpoint.deliveries.acked).toHaveLength(20);
  expect(endpoint.openSubscriptions).toBe(0);
});

describe('which entrypoint', () => {
  test.each([
    ['*/*', 'application/json'],
    ['application/xml', 'application/xml'],
    ['text/event-stream', 'text/event-stream;charset=UTF-8'],
    ['text/event-stream, application/json', 'text/event-stream;charset=UTF-8'],
  ])('Accept: %s is answered as %s, HEAD alike', async (accept, type) => {
    const { page } = await served(new MemoryEndpoint());
    for (const method of ['GET', 'HEAD'] as const) {
      const aborting = new AbortController();
      const response = await request(page, { method, headers: { accept }, signal: aborting.signal });
      expect([response.statusCode, response.headers['content-type']], method).toEqual([200, type]);
      if (method === 'HEAD') expect(await response.body.text()).toBe('');
      response.body.on('error', () => undefined);
      aborting.abort();
    }
  });

  test('no Accept is text', async () => {
    const { page } = await served(new MemoryEndpoint({ messages: [textMessage('one')] }));
    const response = await request(`${page}?limit=1`);
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(await response.body.text()).toBe(
      'items\nitem\nid: 0\ncontent: one\npagination\nnextCursor: 0\nlimit: 1',
    );
  });

  test('an Accept of nothing it writes is 400, and reads nothing', async () => {
    const endpoint = faultyEndpoint([]);
    const { page } = await served(endpoint);
    const response = await request(page, { headers: { accept: 'image/png' } });
    expect(response.statusCode).toBe(400);
    expect(await response.body.text()).toContain('Unsupported accept header: [image/png]');
    expect(endpoint.subscribes).toEqual([]);
  });

  test('HEAD reads nothing, has no length, and its connection goes on', async () => {
    const endpoint = faultyEndpoint(numberedMessages(3));
    const { page } = await served(endpoint);
    const response = await request(page, { method: 'HEAD' });
    await response.body.dump();
    expect(response.headers['content-length']).toBeUndefined();
    expect(endpoint.subscribes).toEqual([]);
    expect(contents(await getPage(page))).toEqual(texts(0, 3));
  });
});

describe('one message alone', () => {
  const headers = { accept: 'application/octet-stream' };

  test('an empty one, a tombstone, and none', async () => {
    const { page } = await served(
      new MemoryEndpoint({ messages: [textMessage('', { content: null }), textMessage('')] }),
    );
    const found = [];
    for (let time = 0; time < 3; time++) {
      const response = await request(page, { headers });
      found.push([response.statusCode, response.headers['x-message-tombstone'], await response.body.text()]);
    }
    expect(found).toEqual([
      [200, 'true', ''],
      [200, undefined, ''],
      [204, undefined, ''],
    ]);
  });

  test('no header of a message breaks the answer', async () => {
    const store = new MemoryEndpoint();
    const { page } = await served(store);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.string({ unit: 'binary' }), fc.option(fc.uint8Array().map((a) => Buffer.from(a)))),
        ),
        fc.option(fc.uint8Array().map((array) => Buffer.from(array))),
        async (own, key) => {
          store.append(textMessage('content', { headers: own, key }));
          const response = await request(page, { headers });
          expect(response.statusCode).toBe(200);
          expect(await response.body.text()).toBe('content');
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('policies', () => {
  const onMessage = (content: string, configuration: object) => ({
    subscribe: [
      {
        policy: 'trace',
        configuration: { label: 'x', ...configuration },
        messageCondition: `{#message.content == '${content}'}`,
      },
    ],
  });

  test('a message that one fails on keeps its place as an error, and is passed', async () => {
    const endpoint = faultyEndpoint(numberedMessages(3));
    const { page } = await served(endpoint, { flows: [onMessage('1', { fail: true })] });
    const found = await getPage(page, { limit: 3 });
    expect(found.items).toEqual([
      { id: '0', content: '0' },
      { id: '1', error: { message: 'no x', http_status_code: 412, key: 'TRACED' } },
      { id: '2', content: '2' },
    ]);
    expect(endpoint.deliveries.acked).toHaveLength(3);
  });

  test('alone, such a message is answered with its error, and the next request goes on behind it', async () => {
    const { page } = await served(faultyEndpoint(numberedMessages(2)), {
      flows: [onMessage('0', { fail: true })],
    });
    const get = () => request(page, { headers: { accept: 'application/octet-stream' } });
    const first = await get();
    expect([first.statusCode, first.headers['x-message-id']]).toEqual([412, '0']);
    expect(await first.body.json()).toEqual({ message: 'no x', http_status_code: 412, key: 'TRACED' });
    expect(await (await get()).body.text()).toBe('1');
  });

  test('what they drop is passed by the cursor, also when nothing else came', async () => {
    const drop = { subscribe: [{ policy: 'trace', configuration: { label: 'x', drop: true } }] };
    const { page } = await served(faultyEndpoint(numberedMessages(25)), { qos: 'none', flows: [drop] });
    expect(await getPage(page)).toEqual({ items: [], pagination: { nextCursor: '24' } });
  });

  test('a page cut short does not pass what it leaves for the next', async () => {
    const { page } = await served(faultyEndpoint(numberedMessages(10)), {
      qos: 'none',
      flows: [onMessage('3', { drop: true })],
    });
    const first = await getPage(page, { limit: 4 });
    expect([contents(first), first.pagination?.nextCursor]).toEqual([['0', '1', '2', '4'], '4']);
    const all = await getPage(page, { cursor: '2', limit: 100 });
    expect(contents(all)).toEqual(texts(4, 10));
  });
});

test('nothing that a client writes into its request is a 500', async () => {
  const { page } = await served(new MemoryEndpoint({ messages: numberedMessages(1) }), {
    get: { messagesLimitDurationMs: 0 },
  });
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('-1', '0', '1', '1e9', 'b3JkZXJzQDAjMA==', '-1,-1', '2026-01-31', 'NaN', '9'.repeat(400)),
  );
  const query = fc.array(
    fc.tuple(
      fc.constantFrom('limit', 'cursor', 'since', 'LIMIT', ''),
      value.filter((text) => !/\p{Cs}/u.test(text)),
    ),
    { maxLength: 3 },
  );
  const header = fc.oneof(
    fc.string({ maxLength: 30 }).map((text) => text.replace(/[^\x20-\x7e]/g, '')),
    fc.constantFrom(
      '*/*',
      'application/json;q=',
      'a/b;q=9,*/*;q=0.0001',
      ';;,,',
      'text/*',
      'wait=1e3',
      'wait=0',
    ),
  );
  const allowed = new Set([200, 204, 400]);
  await fc.assert(
    fc.asyncProperty(query, header, header, async (pairs, accept, prefer) => {
      const response = await request(`${page}?${new URLSearchParams(pairs)}`, {
        headers: { accept, prefer },
      });
      await response.body.dump();
      expect(allowed, `status ${response.statusCode}`).toContain(response.statusCode);
    }),
    { numRuns: 300 },
  );
});

test('an endpoint that knows no times says so', async () => {
  const api = {
    id: 'test',
    name: 'test',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [{ type: 'http', paths: [{ path: '/test' }], entrypoints: [{ type: 'http-get' }] }],
    endpointGroups: [{ name: 'group', type: 'mock', endpoints: [{ name: 'end', type: 'mock' }] }],
  };
  const { url } = await startTestGateway({ apis: [api] });
  const response = await fetch(`${url}/test?since=2026-01-01`, { headers: { accept: 'application/json' } });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ key: 'START_TIME_UNSUPPORTED' });
});

test('a stop ends the page that is being read, and closes its connection', async () => {
  const endpoint = faultyEndpoint(numberedMessages(3));
  const { page, stop } = await served(endpoint, { get: { messagesLimitDurationMs: 20_000 } });
  const asked = request(page, { headers: { accept: 'application/json' } });
  await expect.poll(() => endpoint.deliveries.delivered).toBe(3);
  const stopped = stop();
  const response = await asked;
  expect(response.headers.connection).toBe('close');
  expect(((await response.body.json()) as { items: unknown[] }).items).toHaveLength(3);
  await stopped;
  expect(endpoint.deliveries.acked).toHaveLength(3);
});
