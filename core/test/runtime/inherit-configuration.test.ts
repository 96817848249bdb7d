import { loadDefinition } from '@sluice/core/gateway';
import { MemoryEndpoint, recordingLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { apiDefinition, endpointPlugin } from '../../../test/support/gateway.js';
import { httpPost, sse } from '../../../test/support/plugins.js';
import { Gateway } from '../../src/runtime/gateway.js';
import { PluginRegistry } from '../../src/runtime/registry.js';

const shared = { type: 'object', additionalProperties: false, properties: { topic: { type: 'string' } } };

/** What an endpoint of a group gets as its shared configuration, and what deploying it finds. */
function deployed(group: object, endpoint: object) {
  const given: unknown[] = [];
  const plugin = endpointPlugin(new MemoryEndpoint(), {
    sharedSchema: shared,
    create: (_configuration, configuration) => {
      given.push(configuration);
      return new MemoryEndpoint();
    },
  });
  const registry = new PluginRegistry();
  for (const one of [httpPost, sse, plugin]) registry.register(one);
  const endpoints = [{ name: 'main', type: 'test', ...endpoint }];
  const api = { ...apiDefinition(), endpointGroups: [{ name: 'kafka', type: 'test', ...group, endpoints }] };
  const problems = new Gateway(registry, recordingLogger()).deploy(loadDefinition(JSON.stringify(api), {}));
  return {
    given,
    problems: problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`),
  };
}
const OF_GROUP = { sharedConfiguration: { topic: 'orders' } };

test.each([
  [{ inheritConfiguration: true }, { topic: 'orders' }],
  [{ inheritConfiguration: false, sharedConfigurationOverride: { topic: 'own' } }, { topic: 'own' }],
  // There is no merge: what is inherited is all there is.
  [{ inheritConfiguration: true, sharedConfigurationOverride: { topic: 'own' } }, { topic: 'orders' }],
])('%j gives %j', (endpoint, expected) => {
  expect(deployed(OF_GROUP, endpoint)).toEqual({ given: [expected], problems: [] });
});

test.each([{}, { inheritConfiguration: false }, { sharedConfigurationOverride: {} }])(
  '%j beside the configuration of a group is an error that names the member',
  (endpoint) => {
    const { given, problems } = deployed(OF_GROUP, endpoint);
    expect(problems).toEqual([
      'error $.endpointGroups[0].endpoints[0].inheritConfiguration: the endpoint has no shared configuration: set inheritConfiguration to true for that of the group "kafka", or write a sharedConfigurationOverride',
    ]);
    expect(given).toEqual([]);
  },
);

test('an endpoint of a group without a configuration needs none', () => {
  expect(deployed({}, {})).toEqual({ given: [{}], problems: [] });
});
