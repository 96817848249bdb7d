import { describe, expect, test } from 'vitest';
import { attribute, gatewayWith, set, step } from './policies-gateway.js';

describe('policy-assign-attributes', () => {
  test('what request notes, response and publish see; what publish notes, its later steps see', async () => {
    const gateway = await gatewayWith({
      request: [attribute('who', "{#request.headers['x-who'][0]}")],
      response: [
        attribute('again', "{#context.attributes['who']}"),
        set('x-who', "{#context.attributes['again']}"),
      ],
      publish: [
        attribute('size', '{#message.contentLength}'),
        set('about', "{#context.attributes['who']}-{#message.attributes['size']}"),
      ],
    });
    expect(gateway.problems).toEqual([]);
    const response = await gateway.post('hello', { 'x-who': 'me' });
    expect(response.headers.get('x-who')).toBe('me');
    expect(gateway.published()[0]?.headers).toContainEqual('about=me-5');
  });

  test('in subscribe, of each message', async () => {
    const gateway = await gatewayWith({
      subscribe: [
        attribute('place', 'no {#message.id}'),
        step('policy-assign-content', { body: "{#message.attributes['place']}" }),
      ],
    });
    const { events } = await gateway.stream();
    expect(events.map(({ data }) => data)).toEqual(['no 0', 'no 1']);
  });
});

describe('transform-headers', () => {
  test('of the request, the response and published messages', async () => {
    const gateway = await gatewayWith({
      request: [set('X-Set', 'by request')],
      response: [set('X-Answer', "{#request.headers['x-set'][0]}, {#response.status}")],
      publish: [
        step('transform-headers', {
          appendHeaders: [{ name: 'length', value: '{#message.content.length()}' }],
          whitelistHeaders: ['length'],
        }),
      ],
    });
    const response = await gateway.post('hello', { 'x-other': '1' });
    expect(response.headers.get('x-answer')).toBe('by request, 202');
    expect(gateway.published()[0]?.headers).toEqual(['length=5']);
  });

  test('of streamed messages', async () => {
    const gateway = await gatewayWith({ subscribe: [set('about', '{#message.json.n}')] });
    expect((await gateway.stream()).comments).toContain('about: 1');
  });

  test('what HTTP cannot carry is answered with its key', async () => {
    const gateway = await gatewayWith({ response: [set('x-a', '{("a" & $string("\\n") & "b")}')] });
    const response = await gateway.post('x');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ key: 'TRANSFORM_HEADERS_FAILURE' });
  });
});

describe('message-filtering', () => {
  test('in publish, what is filtered counts as taken and is not stored', async () => {
    const gateway = await gatewayWith({
      publish: [step('message-filtering', { filter: "{#message.content == 'keep'}" })],
    });
    for (const body of ['keep', 'drop']) expect((await gateway.post(body)).status).toBe(202);
    expect(gateway.published().map(({ content }) => content)).toEqual(['keep']);
  });

  test('in subscribe, what is filtered is not handed on', async () => {
    const gateway = await gatewayWith(
      { subscribe: [step('message-filtering', { filter: "{#message.id == '1'}" })] },
      { count: 3 },
    );
    expect((await gateway.stream()).events.map(({ lastEventId }) => lastEventId)).toHaveLength(1);
  });

  test('a filter that the subscriber brings', async () => {
    const gateway = await gatewayWith(
      {
        request: [attribute('filter', "{#request.headers['x-filter'][0]}")],
        subscribe: [step('message-filtering', { filter: "{#context.attributes['filter']}" })],
      },
      { count: 4 },
    );
    expect((await gateway.stream({ 'x-filter': "{#message.id != '2'}" })).events).toHaveLength(3);
    expect((await gateway.stream({ 'x-filter': "#message.id == '2'" })).events).toHaveLength(1);
    expect((await gateway.stream({ 'x-filter': '{#what(' })).events).toHaveLength(0);
  });
});

describe('policy-interrupt', () => {
  const stop = step('policy-interrupt', {
    errorKey: 'NO_ENTRY',
    message: 'no {#request.method}',
    statusCode: 412,
  });

  test.each(['request', 'publish', 'response'])('in %s', async (phase) => {
    const gateway = await gatewayWith({ [phase]: [stop] });
    const response = await gateway.post('x');
    expect(response.status).toBe(412);
    expect(await response.json()).toMatchObject({ key: 'NO_ENTRY', message: 'no POST' });
  });

  test('in subscribe, and only on the messages asked for', async () => {
    const gateway = await gatewayWith({ subscribe: [{ ...stop, messageCondition: "{#message.id == '0'}" }] });
    const { events } = await gateway.stream();
    expect(events.map(({ type }) => type)).toEqual(['error', 'message']);
    expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({ key: 'NO_ENTRY', message: 'no GET' });
  });

  test('with a condition that does not hold it does nothing', async () => {
    const condition = "{#request.method == 'PUT'}";
    const gateway = await gatewayWith({ request: [{ ...stop, condition }] });
    expect((await gateway.post('x')).status).toBe(202);
  });

  test('a text with a type of its own is sent as it is', async () => {
    const own = step('policy-interrupt', {
      message: '<no/>',
      statusCode: 403,
      contentType: 'application/xml',
    });
    const response = await (await gatewayWith({ publish: [own] })).post('x');
    expect([response.status, response.headers.get('content-type')]).toEqual([403, 'application/xml']);
    expect(await response.text()).toBe('<no/>');
  });
});

describe('json-validation', () => {
  const schema = JSON.stringify({ type: 'object', required: ['n'], properties: { n: { type: 'integer' } } });

  test('in publish: 400 with what is wrong', async () => {
    const gateway = await gatewayWith({ publish: [step('json-validation', { schema })] });
    expect((await gateway.post('{"n":1}')).status).toBe(202);
    const response = await gateway.post('{"n":"x"}');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      key: 'JSON_INVALID_PAYLOAD',
      message: 'The content does not match its schema: /n must be integer',
    });
    expect(gateway.published()).toHaveLength(1);
  });

  test('a message of its own, sent as it is', async () => {
    const errorMessage = '{"error":"not {#message.content}"}';
    const gateway = await gatewayWith({ publish: [step('json-validation', { schema, errorMessage })] });
    const response = await gateway.post('7');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ error: 'not 7' });
  });

  test('in subscribe: an error in place of the message', async () => {
    const gateway = await gatewayWith(
      { subscribe: [step('json-validation', { schema })] },
      { content: '{}' },
    );
    const { events } = await gateway.stream();
    expect(events.map(({ type }) => type)).toEqual(['error', 'error']);
    expect(events[0]?.data).toContain('JSON_INVALID_RESPONSE_PAYLOAD');
  });
});

describe('policy-assign-content', () => {
  const body = `{"was":\${message.content},"who":"\${context.attributes['who']!'nobody'}","n":{#message.json.n + 1}}`;

  test('in publish and in subscribe', async () => {
    const steps = [step('policy-assign-content', { scope: 'REQUEST', body })];
    const gateway = await gatewayWith({ publish: steps, subscribe: steps });
    expect(gateway.problems).toEqual([]);
    expect((await gateway.post('{"n":1}')).status).toBe(202);
    const content = '{"was":{"n":1},"who":"nobody","n":2}';
    expect(gateway.published().map((message) => message.content)).toEqual([content]);
    expect((await gateway.stream()).events.map(({ data }) => data)).toEqual([content, content]);
  });

  test('a header, and one that is not there', async () => {
    const gateway = await gatewayWith({
      publish: [
        set('x', 'y'),
        step('policy-assign-content', { body: `\${message.headers['X']}\${message.headers['z']}` }),
      ],
    });
    expect((await gateway.post('x')).status).toBe(500);
    const there = await gatewayWith({
      publish: [set('x', 'y'), step('policy-assign-content', { body: `<\${message.headers['X']}>` })],
    });
    await there.post('x');
    expect(there.published()[0]?.content).toBe('<y>');
  });

  test('a directive is refused with its place', async () => {
    const { problems } = await gatewayWith({
      publish: [step('policy-assign-content', { body: '<#if x>y</#if>' })],
    });
    expect(problems).toEqual([expect.stringMatching(/publish\[0\].*"<#if" is not supported/)]);
  });
});

describe('json-to-json', () => {
  test('in publish and in subscribe', async () => {
    const specification = '{ "number": n, "all": [n, n + 1], "text": "}" }';
    const steps = [step('json-to-json', { specification })];
    const gateway = await gatewayWith({ publish: steps, subscribe: steps });
    expect(gateway.problems).toEqual([]);
    await gateway.post('{"n":1}', { 'content-type': 'text/plain' });
    const content = '{"number":1,"all":[1,2],"text":"}"}';
    expect(gateway.published()[0]?.content).toBe(content);
    expect(gateway.published()[0]?.headers).toContain('Content-Type=application/json');
    expect((await gateway.stream()).events.map(({ data }) => data)).toEqual([content, content]);
  });

  test('what is not JSON is refused with 400', async () => {
    const gateway = await gatewayWith({ publish: [step('json-to-json', { specification: 'n' })] });
    const response = await gateway.post('no json');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ key: 'JSON_INVALID_PAYLOAD' });
  });

  test('what does not compile, and JOLT, are refused with their place', async () => {
    const jolt = '[{"operation":"shift","spec":{}}]';
    const steps = ['{ "a": ', jolt].map((specification) => step('json-to-json', { specification }));
    const { problems } = await gatewayWith({ publish: steps });
    expect(problems).toHaveLength(2);
    expect(problems[1]).toMatch(/publish\[1\].*JOLT.*JSONata/);
  });
});

describe('latency', () => {
  test.each(['request', 'publish'])('in %s', async (phase) => {
    const gateway = await gatewayWith({ [phase]: [step('latency', { time: 60 })] });
    const started = performance.now();
    expect((await gateway.post('x')).status).toBe(202);
    expect(performance.now() - started).toBeGreaterThanOrEqual(58);
  });

  test('in subscribe, before each message', async () => {
    const gateway = await gatewayWith({ subscribe: [step('latency', { time: 40 })] });
    const started = performance.now();
    expect((await gateway.stream()).events).toHaveLength(2);
    expect(performance.now() - started).toBeGreaterThanOrEqual(78);
  });
});

describe('rate-limit', () => {
  const rate = { limit: 2, periodTime: 1, periodTimeUnit: 'MINUTES', key: "{#request.headers['x-key'][0]}" };

  test.each(['request', 'publish'])(
    'in %s: 429 with Retry-After above the limit, for each key',
    async (phase) => {
      const gateway = await gatewayWith({
        [phase]: [step('rate-limit', { rate })],
        response: [set('x-any', '1')],
      });
      const status = async (key: string) => (await gateway.post('x', { 'x-key': key })).status;
      expect([await status('a'), await status('a'), await status('b')]).toEqual([202, 202, 202]);
      const refused = await gateway.post('x', { 'x-key': 'a' });
      expect(refused.status).toBe(429);
      expect(await refused.json()).toMatchObject({ key: 'RATE_LIMIT_TOO_MANY_REQUESTS' });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
      expect(refused.headers.get('x-rate-limit-remaining')).toBe('0');
      const passed = await gateway.post('x', { 'x-key': 'b' });
      expect(passed.headers.get('x-rate-limit-limit')).toBe('2');
      expect(gateway.published()).toHaveLength(4);
    },
  );
});
