import { describe, expect, test } from 'vitest';
import { loadDefinition } from '../../src/definition/load.js';
import type { ApiDefinition } from '../../src/definition/model.js';

/** The definition in the gateway's spelling. */
const GATEWAY = {
  id: 'orders',
  name: 'Orders',
  type: 'message',
  definitionVersion: '4.0.0',
  apiVersion: '1',
  listeners: [
    {
      type: 'http',
      paths: [{ path: '/orders' }],
      entrypoints: [{ type: 'sse', qos: 'at-least-once', configuration: { headersAsComment: true } }],
    },
  ],
  endpointGroups: [
    {
      name: 'group',
      type: 'kafka',
      loadBalancer: { type: 'round-robin' },
      sharedConfiguration: { consumer: { enabled: true, topics: ['orders'] } },
      endpoints: [
        {
          name: 'end',
          type: 'kafka',
          inheritConfiguration: true,
          configuration: { bootstrapServers: 'k:1' },
        },
      ],
    },
  ],
  flows: [
    {
      name: 'flow',
      selectors: [{ type: 'channel', operations: ['subscribe'], channelOperator: 'starts-with' }],
    },
  ],
  plans: [{ id: 'p', security: { type: 'key-less' }, mode: 'standard', status: 'published' }],
};

/** The same as a management API exports it. */
const MANAGEMENT = {
  id: 'orders',
  name: 'Orders',
  type: 'MESSAGE',
  definitionVersion: 'V4',
  apiVersion: '1',
  listeners: [
    {
      type: 'HTTP',
      paths: [{ path: '/orders' }],
      entrypoints: [{ type: 'sse', qos: 'AT_LEAST_ONCE', configuration: { headersAsComment: true } }],
    },
  ],
  endpointGroups: [
    {
      name: 'group',
      type: 'kafka',
      loadBalancer: { type: 'ROUND_ROBIN' },
      sharedConfiguration: '{"consumer":{"enabled":true,"topics":["orders"]}}',
      endpoints: [
        {
          name: 'end',
          type: 'kafka',
          inheritConfiguration: true,
          configuration: '{"bootstrapServers":"k:1"}',
        },
      ],
    },
  ],
  flows: [
    {
      name: 'flow',
      selectors: [{ type: 'CHANNEL', operations: ['SUBSCRIBE'], channelOperator: 'STARTS_WITH' }],
    },
  ],
  plans: [{ id: 'p', security: { type: 'KEY_LESS' }, mode: 'STANDARD', status: 'PUBLISHED' }],
};

function load(document: unknown): ApiDefinition {
  const { definition, problems } = loadDefinition(JSON.stringify(document), {});
  expect(problems).toEqual([]);
  if (definition === undefined) throw new Error('not loaded');
  return definition;
}

describe('one definition comes out of', () => {
  const expected = load(GATEWAY);

  test('the spelling of the management API', () => {
    expect(load(MANAGEMENT)).toEqual(expected);
  });

  test('a mixture of both', () => {
    expect(load({ ...GATEWAY, listeners: MANAGEMENT.listeners, flows: MANAGEMENT.flows })).toEqual(expected);
  });

  test('the export wrapper, with the plans in the API', () => {
    expect(load({ export: {}, api: MANAGEMENT, members: [], metadata: [], pages: [] })).toEqual(expected);
  });

  test('the export wrapper, with the plans beside the API', () => {
    const { plans, ...api } = MANAGEMENT;
    expect(load({ api, plans })).toEqual(expected);
  });

  test('the member "gravitee" in place of "definitionVersion"', () => {
    const { definitionVersion: _, ...rest } = GATEWAY;
    expect(load({ ...rest, gravitee: '4.0.0' })).toEqual(expected);
  });

  test('the member "version" in place of "apiVersion"', () => {
    const { apiVersion: _, ...rest } = GATEWAY;
    expect(load({ ...rest, version: '1' })).toEqual(expected);
  });

  test.each(['4.0.0', '4.0', '4', 'V4', 'v4'])('definitionVersion %s', (definitionVersion) => {
    expect(load({ ...GATEWAY, definitionVersion })).toEqual(expected);
  });

  test('members that are null', () => {
    expect(load({ ...GATEWAY, description: null, analytics: null, services: null })).toEqual(expected);
  });
});

test('what plugins read keeps its spelling', () => {
  const configuration = { type: 'KEEP_ME', mode: 'AS_IT_IS', qos: 'AT_MOST_ONCE', none: null };
  const [listener] = GATEWAY.listeners;
  const document = {
    ...GATEWAY,
    listeners: [{ ...listener, entrypoints: [{ type: 'SSE', configuration }] }],
  };
  const entrypoint = load(document).listeners[0]?.entrypoints[0];
  expect(entrypoint?.type).toBe('SSE');
  expect(entrypoint?.configuration).toEqual(configuration);
});

test('a configuration that is text and no JSON is an error at its place', () => {
  const text = JSON.stringify(GATEWAY).replace('{"bootstrapServers":"k:1"}', '"{bootstrapServers:k}"');
  expect(loadDefinition(text, {}).problems).toMatchObject([
    {
      severity: 'error',
      path: '$.endpointGroups[0].endpoints[0].configuration',
      message: 'must be an object, not "{bootstrapServers:k}"',
    },
  ]);
});

describe('the place of a problem is that in the document as it was written', () => {
  const problemsOf = (document: unknown) =>
    loadDefinition(JSON.stringify(document, undefined, 1), {}).problems.map(
      ({ path, line }) => `${line} ${path}`,
    );

  test('in the export wrapper', () => {
    const { plans, ...api } = MANAGEMENT;
    expect(problemsOf({ api: { ...api, name: '' }, plans })).toEqual(['4 $.api.name']);
  });

  test('of plans beside the API', () => {
    const { plans: _, ...api } = MANAGEMENT;
    const [path] = problemsOf({ api, plans: [{ id: 'p', mode: 'SIDEWAYS' }] });
    expect(path).toMatch(/^\d+ \$\.plans\[0\]\.mode$/);
  });
});

test('a member named __proto__ is an unknown member like any other', () => {
  const text = JSON.stringify(GATEWAY).replace('{', '{"__proto__":{"id":"x"},');
  expect(loadDefinition(text, {}).problems).toMatchObject([{ severity: 'warning', path: '$.__proto__' }]);
});

test('the type of message APIs before there were others is one of them', () => {
  const { definition, problems } = loadDefinition(JSON.stringify({ ...GATEWAY, type: 'ASYNC' }), {});
  expect([definition?.type, problems]).toEqual(['message', []]);
});
