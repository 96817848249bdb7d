import { defineEndpoint, SluiceError } from '@sluice/core';
import { MemoryEndpoint } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import assignAttributes from '../../plugins/policy-assign-attributes/src/index.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

interface Config {
  readonly url: string;
}
interface Shared {
  readonly sink: { readonly names: readonly string[]; readonly mode: string; readonly size: number };
}

/** A gateway over an endpoint that notes the configurations it is made with; `names` from a request may not be `secret`. */
async function gatewayWith(
  shared: object,
  attributes: Readonly<Record<string, string>> = {},
  url = 'memory',
) {
  const made: { readonly config: Config; readonly shared: Shared; stopped: boolean }[] = [];
  const plugin = defineEndpoint<Config, Shared>({
    kind: 'endpoint',
    id: 'noted',
    qos: ['none', 'balanced', 'at-best'],
    capabilities: ['auto-ack'],
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      properties: { url: { type: 'string', pattern: '^[a-z-]+$' } },
    },
    sharedSchema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        sink: {
          type: 'object',
          additionalProperties: false,
          default: {},
          properties: {
            names: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, default: ['main'] },
            mode: { enum: ['fast', 'safe'], default: 'fast' },
            size: { type: 'integer', minimum: 1, default: 5 },
          },
        },
      },
    },
    check: (_config, { sink }) =>
      sink.names.includes('bad') ? [{ pointer: '/shared/sink/names', message: 'not bad' }] : [],
    permit({ shared }) {
      if (shared.sink.names.includes('secret')) throw new SluiceError('TOPIC_NOT_ALLOWED');
    },
    create(config, shared) {
      const note = { config, shared, stopped: false };
      made.push(note);
      const endpoint = new MemoryEndpoint();
      return Object.assign(endpoint, {
        stop: () => {
          note.stopped = true;
          return Promise.resolve();
        },
      });
    },
  });
  const definition = apiDefinition({ id: 'orders', endpoint: 'noted', configuration: { url } }) as {
    readonly endpointGroups: readonly { readonly endpoints: readonly object[] }[];
  };
  const [group] = definition.endpointGroups;
  const endpoints = group?.endpoints.map((one) => ({ ...one, sharedConfigurationOverride: shared }));
  const configuration = { attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })) };
  const request = [{ policy: 'policy-assign-attributes', configuration }];
  const api = { ...definition, endpointGroups: [{ ...group, endpoints }], flows: [{ request }] };
  const gateway = await startTestGateway({ apis: [api], plugins: [plugin, assignAttributes] });
  const post = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/orders`, {
      method: 'POST',
      body: 'x',
      headers: { accept: '*/*', ...headers },
    });
    const text = await response.text();
    return text === '' ? [response.status] : [response.status, JSON.parse(text).key];
  };
  return { ...gateway, post, made };
}
const names = 'gravitee.attributes.endpoint.noted.sink.names';

describe('an option with an expression', () => {
  test('is worked out for each request; requests that come to the same share one connector', async () => {
    const { post, made, problems } = await gatewayWith({
      sink: { names: ["{#request.headers['x-to'][0]}"] },
    });
    expect(problems).toEqual([]);
    for (const to of ['a', 'b', 'a', 'b']) expect(await post({ 'x-to': to })).toEqual([202]);
    expect(made.map(({ shared }) => shared.sink)).toEqual([
      { names: ['a'], mode: 'fast', size: 5 },
      { names: ['b'], mode: 'fast', size: 5 },
    ]);
  });

  test.each([
    ['a whole list', { names: "{#request.headers['x-to'][0].split(', ')}" }, 'a, b', { names: ['a', 'b'] }],
    ['a text in a text', { names: ["to-{#request.headers['x-to'][0]}-1"] }, 'a', { names: ['to-a-1'] }],
    ['a choice', { mode: "{#request.headers['x-to'][0]}" }, 'safe', { mode: 'safe' }],
    ['a number', { size: "{#request.headers['x-to'][0]}" }, '7', { size: 7 }],
    ['nothing, so that the default holds', { mode: "{#request.headers['x-none'][0]}" }, '', { mode: 'fast' }],
  ])('may stand for %s', async (_, sink, header, expected) => {
    const { post, made } = await gatewayWith({ sink });
    expect(await post({ 'x-to': header })).toEqual([202]);
    expect(made[0]?.shared.sink).toMatchObject(expected);
  });

  test('may stand in `configuration` too', async () => {
    const { post, made } = await gatewayWith({}, {}, "{#request.headers['x-to'][0]}");
    expect(await post({ 'x-to': 'eu' })).toEqual([202]);
    expect(made[0]?.config).toEqual({ url: 'eu' });
  });

  test.each([
    ['of a choice', { mode: "{#request.headers['x-to'][0]}" }, 'other'],
    ['of a number', { size: "{#request.headers['x-to'][0]}" }, 'seven'],
    ['of a list that is empty', { names: "{#request.headers['x-none'][0]}" }, ''],
    ['that the plugin refuses', { names: ["{#request.headers['x-to'][0]}"] }, 'bad'],
  ])(
    'that comes to a wrong value %s is 400 Invalid configuration, and the log says why',
    async (_, sink, header) => {
      const { post, made, log } = await gatewayWith({ sink });
      expect(await post({ 'x-to': header })).toEqual([400, 'FAILURE_CONFIGURATION_INVALID']);
      expect(made).toEqual([]);
      expect(JSON.stringify(log.lines.map(({ members }) => String(members.reason)))).toMatch(/sink/);
    },
  );

  test('that is not valid is refused when deploying', async () => {
    const { problems } = await gatewayWith({ sink: { mode: '{#request.nope}' } });
    expect(problems).toEqual([
      expect.objectContaining({ severity: 'error', message: expect.stringContaining('nope') }),
    ]);
  });

  test('does not excuse what is wrong beside it', async () => {
    const { problems } = await gatewayWith({ sink: { mode: '{#request.method}', size: 0 } });
    expect(problems.map(({ path }) => path)).toEqual([
      '$.endpointGroups[0].endpoints[0].sharedConfigurationOverride.sink.size',
    ]);
  });
});

describe('an attribute of an option', () => {
  test('takes its place, and the written configuration serves where it is not set', async () => {
    const { post, made } = await gatewayWith({}, { [names]: "{#request.headers['x-to'][0]}" });
    expect(await post()).toEqual([202]);
    expect(await post({ 'x-to': 'a , b' })).toEqual([202]);
    expect(made.map(({ shared }) => shared.sink.names)).toEqual([['main'], ['a', 'b']]);
  });

  test('is not evaluated itself: what a client sends is never an expression', async () => {
    const { post, made } = await gatewayWith({}, { [names]: "{#request.headers['x-to'][0]}" });
    expect(await post({ 'x-to': '{#request.method}' })).toEqual([202]);
    expect(made[1]?.shared.sink.names).toEqual(['{#request.method}']);
  });

  test('comes before an expression of the same option', async () => {
    const { post, made } = await gatewayWith(
      { sink: { names: ['{#request.method}'] } },
      { [names]: 'chosen' },
    );
    expect(await post()).toEqual([202]);
    expect(made.map(({ shared }) => shared.sink.names)).toEqual([['chosen']]);
  });

  test('may not come to what a client must not choose', async () => {
    const { post } = await gatewayWith({}, { [names]: "{#request.headers['x-to'][0]}" });
    expect(await post({ 'x-to': 'secret' })).toEqual([403, 'TOPIC_NOT_ALLOWED']);
  });

  test('of an option there is not is an error', async () => {
    const { post } = await gatewayWith({}, { 'gravitee.attributes.endpoint.noted.sink.nope': 'x' });
    expect(await post()).toEqual([500, 'FAILURE_CONFIGURATION_INVALID']);
  });
});

test('a list that a client writes is one name, unless the definition makes a list of it', async () => {
  const names = async (written: string) => {
    const { post, made } = await gatewayWith({ sink: { names: written } });
    expect(await post({ 'x-to': 'a,b' })).toEqual([202]);
    return made.at(-1)?.shared.sink.names;
  };
  expect(await names("{#request.headers['x-to'][0]}")).toEqual(['a,b']);
  expect(await names("{#request.headers['x-to'][0].split(',')}")).toEqual(['a', 'b']);
  expect(await names("c,{#request.headers['x-to'][0]}")).toEqual(['c', 'a', 'b']);
});

test('at most 100 configurations of one client are kept; one that nobody uses makes room', async () => {
  const { post, made } = await gatewayWith({}, { [names]: "{#request.headers['x-to'][0]}" });
  for (let n = 0; n < 105; n++) expect(await post({ 'x-to': `n${n}` })).toEqual([202]);
  expect(made.filter(({ stopped }) => !stopped)).toHaveLength(101);
});

test('all of them are stopped with the gateway', async () => {
  const { post, made, stop } = await gatewayWith({ sink: { names: ["{#request.headers['x-to'][0]}"] } });
  await post({ 'x-to': 'a' });
  await post({ 'x-to': 'b' });
  await stop();
  expect(made.map(({ stopped }) => stopped)).toEqual([true, true]);
});
