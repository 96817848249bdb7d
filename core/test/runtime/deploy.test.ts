import type { EndpointPlugin, EntrypointPlugin, Plugin } from '@sluice/core';
import { MemoryEndpoint, recordingLogger } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { apiDefinition, endpointPlugin } from '../../../test/support/gateway.js';
import { httpPost, mock, sse } from '../../../test/support/plugins.js';
import { loadDefinition } from '../../src/definition/load.js';
import { formatProblem } from '../../src/definition/problem.js';
import { Gateway } from '../../src/runtime/gateway.js';
import { PluginRegistry } from '../../src/runtime/registry.js';

function registryOf(...plugins: readonly Plugin[]): PluginRegistry {
  const registry = new PluginRegistry();
  for (const plugin of [httpPost, sse, mock, ...plugins]) registry.register(plugin);
  return registry;
}

function gatewayWith(...plugins: readonly Plugin[]) {
  const gateway = new Gateway(registryOf(...plugins), recordingLogger());
  const deploy = (api: object) => gateway.deploy(loadDefinition(JSON.stringify(api), {}));
  const problems = (api: object) =>
    deploy(api).map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
  return { gateway, deploy, problems };
}

/** A sound definition with members of the root added. */
const withMembers = (members: object) => ({ ...apiDefinition(), ...members });
const flow = (more: object) => ({ name: 'f', publish: [{ policy: 'json-to-json', ...more }] });

test('a slip in an option of the format is ignored, as the format does, with a warning', () => {
  const { gateway, problems } = gatewayWith();
  expect(problems(apiDefinition({ configuration: { messagesCount: 1, headers: null } }))).toEqual([
    'warning $.endpointGroups[0].endpoints[0].configuration.messagesCount: unknown member "messagesCount"; did you mean "messageCount"?; it is ignored',
  ]);
  expect(gateway.apis).toHaveLength(1);
});

test('a sound definition is deployed without a word, and found by its path', () => {
  const { gateway, problems } = gatewayWith();
  expect(problems(apiDefinition())).toEqual([]);
  expect(gateway.find('any', '/test/x')).toMatchObject({ target: { id: 'test' }, pathInfo: '/x' });
  expect(gateway.apis.map(({ id }) => id)).toEqual(['test']);
});

test('entrypoints are asked in the order of how specific they are, whatever the order of the definition', () => {
  const { gateway, deploy } = gatewayWith();
  deploy(apiDefinition());
  expect(gateway.apis[0]?.entrypoints.map(({ plugin }) => plugin.id)).toEqual(['sse', 'http-post']);
});

test('auto becomes at-best where a cursor can come back, else balanced', () => {
  const { gateway, deploy } = gatewayWith();
  deploy(apiDefinition());
  const levels = gateway.apis[0]?.entrypoints.map(({ pipeline }) =>
    'qos' in pipeline ? pipeline.qos : 'error',
  );
  expect(levels).toEqual(['at-best', 'balanced']);
});

describe('a definition is refused, and what is deployed stays as it is', () => {
  test('when its id is taken', () => {
    const { gateway, problems } = gatewayWith();
    problems(apiDefinition());
    expect(problems(apiDefinition({ path: '/other' }))).toEqual([
      'error $.id: an API with the id "test" is already deployed',
    ]);
    expect(gateway.find('any', '/other')).toBeUndefined();
  });

  test('when another API listens on its path, however it is written', () => {
    const { gateway, problems } = gatewayWith();
    problems(apiDefinition({ id: 'first', path: '/same' }));
    expect(problems(apiDefinition({ id: 'second', path: '//same/' }))).toEqual([
      'error $.listeners[0].paths[0].path: the API "first" already listens on //same/',
    ]);
    expect(gateway.find('any', '/same')?.target.id).toBe('first');
  });

  test('but not for a path below, or the same path on another host', () => {
    const { gateway, problems } = gatewayWith();
    problems(apiDefinition({ id: 'first', path: '/same' }));
    expect(problems(apiDefinition({ id: 'second', path: '/same/below' }))).toEqual([]);
    expect(problems(apiDefinition({ id: 'third', path: '/same', host: 'shop' }))).toEqual([]);
    expect(gateway.apis).toHaveLength(3);
  });

  test.each([
    [
      'an unknown endpoint',
      apiDefinition({ endpoint: 'mokc' }),
      [
        'error $.endpointGroups[0].endpoints[0].type: no endpoint plugin "mokc" is installed; did you mean "mock"?',
      ],
    ],
    [
      'an unknown entrypoint',
      withMembers({
        listeners: [{ type: 'http', paths: [{ path: '/x' }], entrypoints: [{ type: 'http-pots' }] }],
      }),
      [
        'error $.listeners[0].entrypoints[0].type: no entrypoint plugin "http-pots" is installed; did you mean "http-post"?',
      ],
    ],
    [
      'an entrypoint in the wrong listener',
      withMembers({
        listeners: [{ type: 'subscription', entrypoints: [{ type: 'sse' }] }],
      }),
      ['error $.listeners[0].entrypoints[0].type: "sse" belongs to a listener of type "http"'],
    ],
    [
      'a slip in an option that is not of the format',
      apiDefinition({ sse: { maxInflight: 1 } }),
      [
        'error $.listeners[0].entrypoints[1].configuration.maxInflight: unknown member "maxInflight"; did you mean "maxInFlight"?',
      ],
    ],
    [
      'an option out of its range',
      apiDefinition({ sse: { heartbeatIntervalInMs: 5 } }),
      ['error $.listeners[0].entrypoints[1].configuration.heartbeatIntervalInMs: must be >= 2000 (it is 5)'],
    ],
    [
      'an expression in an endpoint that names what there is not',
      apiDefinition({ configuration: { messageContent: "{#request.header['x']}" } }),
      [
        expect.stringMatching(
          /^error \$\.endpointGroups\[0\]\.endpoints\[0\]\.configuration\.messageContent: .*did you mean "headers"/,
        ),
      ],
    ],
    [
      'a step of a policy that is not installed',
      withMembers({ flows: [flow({})] }),
      ['error $.flows[0].publish[0].policy: no policy plugin "json-to-json" is installed'],
    ],
    [
      'such a step in a plan',
      withMembers({ plans: [{ id: 'p', flows: [flow({})] }] }),
      ['error $.plans[0].flows[0].publish[0].policy: no policy plugin "json-to-json" is installed'],
    ],
    [
      'a plan that would be left open',
      withMembers({ plans: [{ id: 'p', security: { type: 'API_KEY' } }] }),
      [
        'error $.plans[0].security.type: no security plugin "api-key" is installed; the API is not served without it',
      ],
    ],
    [
      'two endpoints of one name',
      withMembers({
        endpointGroups: [
          {
            name: 'g',
            type: 'mock',
            endpoints: [
              { name: 'e', type: 'mock' },
              { name: 'e', type: 'mock' },
            ],
          },
        ],
      }),
      ['error $.endpointGroups[0].endpoints[1].name: another endpoint is named "e"'],
    ],
  ])('for %s', (_, api, expected) => {
    const { gateway, problems } = gatewayWith();
    expect(problems(api)).toEqual(expected);
    expect(gateway.apis).toEqual([]);
    expect(gateway.find('any', '/test')).toBeUndefined();
  });

  test('with every problem at once, each with its place in the text', () => {
    const { gateway } = gatewayWith();
    const api = {
      ...apiDefinition({ endpoint: 'mokc', sse: { heartbeatIntervalInMs: 5 } }),
      flows: [flow({})],
    };
    const loaded = loadDefinition(JSON.stringify(api, undefined, 1), {}, 'x.api.json');
    const lines = gateway.deploy(loaded).map(formatProblem);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^x\.api\.json:\d+:\d+ {2}error {2}\$\./);
  });
});

describe('a definition is served', () => {
  test.each([
    ['though a step is disabled', withMembers({ flows: [flow({ enabled: false })] })],
    ['though a flow is disabled', withMembers({ flows: [{ ...flow({}), enabled: false }] })],
    [
      'though a closed plan has a security that is not installed',
      withMembers({
        plans: [
          { id: 'p', status: 'closed', security: { type: 'jwt' } },
          { id: 'k', security: { type: 'KEY_LESS' } },
        ],
      }),
    ],
    [
      'with braces that are no expression',
      apiDefinition({ configuration: { messageContent: '{"a": {}} {x}' } }),
    ],
  ])('%s', (_, api) => {
    const { gateway, problems } = gatewayWith();
    expect(problems(api)).toEqual([]);
    expect(gateway.apis).toHaveLength(1);
  });

  test.each([
    [
      'policies of preflights',
      {
        listeners: [
          {
            type: 'http',
            paths: [{ path: '/x' }],
            cors: { enabled: true, allowOrigin: ['*'], runPolicies: true },
            entrypoints: [{ type: 'sse' }],
          },
        ],
      },
      '$.listeners[0].cors.runPolicies',
    ],
  ])('with a warning for %s, which have no effect', (_, members, path) => {
    const { gateway, deploy } = gatewayWith();
    expect(deploy(withMembers(members))).toMatchObject([{ severity: 'warning', path }]);
    expect(gateway.apis).toHaveLength(1);
  });
});

describe('an endpoint', () => {
  const created: unknown[] = [];
  const remembering: Partial<EndpointPlugin> = {
    schema: { type: 'object', properties: { own: { type: 'string', default: 'own default' } } },
    sharedSchema: { type: 'object', properties: { shared: { type: 'string', default: 'shared default' } } },
    create: (config, shared, host) => {
      created.push([config, shared, host.apiId]);
      return new MemoryEndpoint();
    },
  };
  const plugin = endpointPlugin(new MemoryEndpoint(), remembering);
  const group = (endpoint: object) => ({
    endpointGroups: [
      {
        name: 'g',
        type: 'test',
        sharedConfiguration: { shared: 'of the group' },
        endpoints: [{ name: 'e', type: 'test', ...endpoint }],
      },
    ],
  });

  test.each([
    ['the group’s shared configuration where it inherits', { inheritConfiguration: true }, 'of the group'],
    ['its own override where it does not', { sharedConfigurationOverride: { shared: 'its own' } }, 'its own'],
  ])('gets %s', (_, endpoint, shared) => {
    created.length = 0;
    const { problems } = gatewayWith(plugin);
    expect(problems(withMembers(group(endpoint)))).toEqual([]);
    expect(created).toEqual([[{ own: 'own default' }, { shared }, 'test']]);
  });

  test('says itself what its schema cannot, at the place it names', () => {
    const checking = endpointPlugin(new MemoryEndpoint(), {
      sharedSchema: { type: 'object' },
      check: () => [
        { pointer: '/configuration/servers', message: 'at least two' },
        { pointer: '/shared/security', message: 'a user needs a password' },
      ],
    });
    const { problems } = gatewayWith(checking);
    const end = '$.endpointGroups[0].endpoints[0]';
    const own = { sharedConfigurationOverride: { shared: 'its own' } };
    expect(problems(withMembers(group(own)))).toEqual([
      `error ${end}.configuration.servers: at least two`,
      `error ${end}.sharedConfigurationOverride.security: a user needs a password`,
    ]);
    expect(problems(withMembers(group({ inheritConfiguration: true })))).toEqual([
      `error ${end}.configuration.servers: at least two`,
      'error $.endpointGroups[0].sharedConfiguration.security: a user needs a password',
    ]);
  });

  test('is not created by a check, nor for a definition that is refused', () => {
    created.length = 0;
    const { gateway, problems } = gatewayWith(plugin);
    const api = apiDefinition({ endpoint: 'test' });
    const dry = new Gateway(registryOf(plugin), recordingLogger(), {}, { dryRun: true });
    expect(dry.deploy(loadDefinition(JSON.stringify(api), {}))).toEqual([]);
    expect(dry.apis).toEqual([]);
    problems({ ...api, flows: [flow({})] });
    expect(created).toEqual([]);
    expect(gateway.apis).toEqual([]);
  });

  test('that fits the modes of an entrypoint is taken, past the first one', () => {
    const publisher = endpointPlugin(new MemoryEndpoint(), { id: 'publisher', modes: () => ['publish'] });
    const reader = endpointPlugin(new MemoryEndpoint(), { id: 'reader', modes: () => ['subscribe'] });
    const { gateway, deploy } = gatewayWith(publisher, reader);
    const endpoints = ['publisher', 'reader'].map((type) => ({ name: type, type }));
    const problems = deploy(withMembers({ endpointGroups: [{ name: 'g', type: 'publisher', endpoints }] }));
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(gateway.apis[0]?.entrypoints.every(({ pipeline }) => 'qos' in pipeline)).toBe(true);
  });
});

describe('an entrypoint that no endpoint can serve', () => {
  test('is reported, and answers with its error while the others serve', () => {
    const plugin = endpointPlugin(new MemoryEndpoint(), { qos: ['none', 'balanced'] });
    const { gateway, problems } = gatewayWith(plugin);
    expect(problems(apiDefinition({ endpoint: 'test', qos: 'AT_LEAST_ONCE' }))).toEqual([
      'warning $.listeners[0].entrypoints[1].qos: qos "at-least-once" is not one that the endpoint "test" can keep; what works: none, balanced; until then "sse" answers 400 INCOMPATIBLE_QOS',
    ]);
    const [reading, writing] = gateway.apis[0]?.entrypoints ?? [];
    expect(reading?.pipeline).toMatchObject({ key: 'INCOMPATIBLE_QOS' });
    expect(writing?.pipeline).toMatchObject({ qos: 'balanced' });
  });

  test('in all of its modes serves those it has, and says so', () => {
    const both: Plugin = { ...httpPost, id: 'both', modes: ['publish', 'subscribe'] } as EntrypointPlugin;
    const publisher = endpointPlugin(new MemoryEndpoint(), { modes: () => ['publish'] });
    const { gateway, problems } = gatewayWith(both, publisher);
    const listeners = [{ type: 'http', paths: [{ path: '/x' }], entrypoints: [{ type: 'both' }] }];
    expect(problems({ ...apiDefinition({ endpoint: 'test' }), listeners })).toEqual([
      expect.stringMatching(/^warning .*: no endpoint can subscribe here, so "both" only publishes/),
    ]);
    expect(gateway.apis[0]?.entrypoints[0]).toMatchObject({
      modes: ['publish'],
      pipeline: { qos: 'balanced' },
    });
  });

  test('for want of a mode says so', () => {
    const plugin = endpointPlugin(new MemoryEndpoint(), { modes: () => [] });
    const { gateway, problems } = gatewayWith(plugin);
    expect(problems(apiDefinition({ endpoint: 'test' })).map((line) => line.split(';')[0])).toEqual([
      'warning $.listeners[0].entrypoints[1]: no endpoint can subscribe',
      'warning $.listeners[0].entrypoints[0]: no endpoint can publish',
    ]);
    expect(gateway.apis[0]?.entrypoints.map(({ pipeline }) => 'key' in pipeline && pipeline.key)).toEqual([
      'NO_ENDPOINT_FOUND',
      'NO_ENDPOINT_FOUND',
    ]);
  });
});
