import { describe, expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { tracePolicy } from '../support/trace-policy.js';

const PHASES = ['request', 'response', 'publish', 'subscribe'] as const;

/** A flow with one trace step in every phase. */
function tracedFlow(label: string, rest: object = {}, configuration: object = {}): object {
  const steps = PHASES.map((phase) => [
    phase,
    [{ policy: 'trace', configuration: { label, ...configuration } }],
  ]);
  return { name: label, ...Object.fromEntries(steps), ...rest };
}

async function traced(definition: object) {
  const trace: string[] = [];
  const gateway = await startTestGateway({
    apis: [{ ...apiDefinition({ configuration: { messageInterval: 0, messageCount: 2 } }), ...definition }],
    plugins: [tracePolicy(trace)],
  });
  return { gateway, trace };
}

async function readStream(url: string): Promise<{ response: Response; text: string }> {
  const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
  return { response, text: await response.text() };
}

const plan = (flows: readonly object[]) => ({ id: 'free', security: { type: 'key-less' }, flows });

describe('the order of flows', () => {
  test('a published message: plan before API, request before publish', async () => {
    const { gateway, trace } = await traced({
      plans: [plan([tracedFlow('plan')])],
      flows: [tracedFlow('api-1'), tracedFlow('api-2')],
    });
    const response = await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(202);
    expect(response.headers.get('x-trace')).toBe('plan, api-1, api-2');
    expect(trace).toEqual([
      ...['request:plan', 'request:api-1', 'request:api-2'],
      ...['publish:plan', 'publish:api-1', 'publish:api-2'],
      ...['response:plan', 'response:api-1', 'response:api-2'],
    ]);
  });

  test('a stream: the response phase is over before the first message is handed on', async () => {
    const { gateway, trace } = await traced({
      plans: [plan([tracedFlow('plan')])],
      flows: [tracedFlow('api')],
    });
    const { response, text } = await readStream(`${gateway.url}/test`);
    expect(response.headers.get('x-trace')).toBe('plan, api');
    expect(text.match(/^id: \d+$/gm)).toHaveLength(2);
    expect(trace).toEqual([
      ...['request:plan', 'request:api', 'response:plan', 'response:api'],
      ...['subscribe:plan', 'subscribe:api', 'subscribe:plan', 'subscribe:api'],
    ]);
  });

  test('disabled flows and steps do nothing', async () => {
    const { gateway, trace } = await traced({
      flows: [
        tracedFlow('off', { enabled: false }),
        { publish: [{ policy: 'trace', enabled: false, configuration: { label: 'off' } }] },
      ],
    });
    await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' });
    expect(trace).toEqual([]);
  });
});

describe('selectors', () => {
  test('an http selector is ignored: the flow matches', async () => {
    const selectors = [{ type: 'http', path: '/other', pathOperator: 'EQUALS', methods: ['PUT'] }];
    const { gateway, trace } = await traced({ flows: [tracedFlow('http', { selectors })] });
    await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' });
    expect(trace).toContain('publish:http');
  });

  test('a channel selects by the path below the listener, the operation and the entrypoint', async () => {
    const channel = (rest: object) => ({ selectors: [{ type: 'channel', channel: '/eu', ...rest }] });
    const { gateway, trace } = await traced({
      flows: [
        tracedFlow('any', channel({})),
        tracedFlow('publish', channel({ operations: ['PUBLISH'] })),
        tracedFlow('subscribe', channel({ operations: ['SUBSCRIBE'] })),
        tracedFlow('sse', channel({ entrypoints: ['sse'] })),
        tracedFlow('us', { selectors: [{ type: 'channel', channel: '/us' }] }),
      ],
    });
    await fetch(`${gateway.url}/test/eu/1`, { method: 'POST', body: 'x' });
    expect(trace.filter((step) => step.startsWith('request'))).toEqual(['request:any', 'request:publish']);
    trace.length = 0;
    await readStream(`${gateway.url}/test/eu`);
    const ran = ['request:any', 'request:subscribe', 'request:sse'];
    expect(trace.filter((step) => step.startsWith('request'))).toEqual(ran);
  });

  test('matchRequired answers 404 with its key when no flow matches', async () => {
    const { gateway } = await traced({
      flowExecution: { mode: 'BEST_MATCH', matchRequired: true },
      flows: [tracedFlow('eu', { selectors: [{ type: 'CHANNEL', channel: '/eu' }] })],
    });
    const refused = await fetch(`${gateway.url}/test/us`, {
      method: 'POST',
      headers: { accept: '*/*' },
      body: 'x',
    });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ key: 'FLOW_EXECUTION_FLOW_MATCHED_FAILURE' });
    expect((await fetch(`${gateway.url}/test/eu`, { method: 'POST', body: 'x' })).status).toBe(202);
  });
});

describe('a step that ends what it stands on', () => {
  test.each(['request', 'publish', 'response'])(
    'in %s: the request is answered with its status, key and text',
    async (phase) => {
      const step = { policy: 'trace', configuration: { label: 'way', fail: true } };
      const { gateway } = await traced({ flows: [{ [phase]: [step] }] });
      const response = await fetch(`${gateway.url}/test`, {
        method: 'POST',
        headers: { accept: '*/*' },
        body: 'x',
      });
      expect(response.status).toBe(412);
      expect(await response.json()).toMatchObject({
        key: 'TRACED',
        message: 'no way',
        http_status_code: 412,
      });
    },
  );

  test('in subscribe: the client is told instead of the message, its id counts, and the stream goes on', async () => {
    const step = { policy: 'trace', configuration: { label: 'way', fail: true } };
    const { gateway } = await traced({ flows: [{ subscribe: [step] }] });
    const { text } = await readStream(`${gateway.url}/test`);
    const event = (id: number) =>
      `id: ${id}\nevent: error\ndata: {"message":"no way","http_status_code":412,"key":"TRACED"}\n\n`;
    expect(text).toContain(event(0) + event(1));
    expect(text).not.toContain('event: message');
  });

  test('a dropped message is not handed on, and not published', async () => {
    const step = { policy: 'trace', configuration: { label: 'gone', drop: true } };
    const { gateway } = await traced({ flows: [{ publish: [step], subscribe: [step] }] });
    expect((await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' })).status).toBe(202);
    expect(gateway.log.lines.filter(({ message }) => message.includes('took a message'))).toEqual([]);
    expect((await readStream(`${gateway.url}/test`)).text).not.toContain('event:');
  });
});

test('an unknown policy, a wrong phase and a wrong configuration are refused with their places', async () => {
  const { gateway } = await traced({
    flows: [
      { request: [{ policy: 'tracee' }], publish: [{ policy: 'trace', configuration: { labl: 'x' } }] },
    ],
  });
  const found = gateway.problems.map(({ path, message }) => `${path}: ${message}`);
  expect(found).toEqual([
    '$.flows[0].request[0].policy: no policy plugin "tracee" is installed; did you mean "trace"?',
    expect.stringMatching(/^\$\.flows\[0\]\.publish\[0\]\.configuration: the member "label" is missing/),
    expect.stringMatching(
      /^\$\.flows\[0\]\.publish\[0\]\.configuration\.labl: unknown member "labl"; did you mean "label"/,
    ),
  ]);
  expect(gateway.gateway.apis).toEqual([]);
});
