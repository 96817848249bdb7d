import type { EndpointPlugin, ServicePlugin } from '@sluice/core';
import { MemoryEndpoint } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { endpointPlugin } from '../../../test/support/gateway.js';
import { GATEWAY_CONFIG_SCHEMA } from '../../src/config/gateway-config.js';
import { compileSchema } from '../../src/definition/validator.js';
import { defaultPluginFolders, discoverPlugins } from '../../src/runtime/discover.js';
import { nameOf } from '../../src/runtime/plugin-package.js';
import { PluginRegistry } from '../../src/runtime/registry.js';

const plugin = (more: Partial<EndpointPlugin> = {}) => endpointPlugin(new MemoryEndpoint(), more);
const service: ServicePlugin = {
  kind: 'service',
  id: 'test',
  start: () => Promise.resolve({ environment: {}, announce: {}, stop: () => Promise.resolve() }),
};

function registryOf(...plugins: Parameters<PluginRegistry['register']>[0][]): PluginRegistry {
  const registry = new PluginRegistry();
  for (const one of plugins) registry.register(one);
  return registry;
}

test('a plugin is found by kind and id, ignoring case', () => {
  const registry = registryOf(plugin({ id: 'Mock' }), service);
  expect(registry.find('endpoint', 'mOCK')).toMatchObject({ id: 'Mock', kind: 'endpoint' });
  expect(registry.find('service', 'test')).toMatchObject({ kind: 'service' });
});

test('an id may be there once a kind', () => {
  const registry = registryOf(plugin({ id: 'test' }), service);
  expect(() => registry.register(plugin({ id: 'TEST' }))).toThrow(
    'the endpoint plugin "TEST" is there twice',
  );
});

test('one that is not there is told in words, with what may have been meant', () => {
  const registry = registryOf(plugin({ id: 'kafka' }), plugin({ id: 'mock' }));
  expect(registry.find('endpoint', 'kafak')).toBe(
    'no endpoint plugin "kafak" is installed; did you mean "kafka"?',
  );
  expect(registry.find('endpoint', 'solace')).toBe(
    'no endpoint plugin "solace" is installed; known are kafka, mock',
  );
  expect(registry.find('entrypoint', 'sse')).toBe('no entrypoint plugin "sse" is installed');
});

test('all plugins of a kind come in the order they were registered', () => {
  const registry = registryOf(plugin({ id: 'b' }), service, plugin({ id: 'a' }));
  expect(registry.all('endpoint').map(({ id }) => id)).toEqual(['b', 'a']);
});

describe('an offered package', () => {
  const packageOf = (...plugins: Parameters<PluginRegistry['register']>[0][]) => {
    const offered = {
      folder: `/plugins/${plugins[0]?.id}`,
      names: plugins.map(nameOf),
      loads: 0,
      load: async () => {
        offered.loads++;
        return plugins;
      },
    };
    return offered;
  };

  test('is imported once, when one of its plugins is asked for', async () => {
    const registry = new PluginRegistry();
    const [asked, other] = [packageOf(plugin({ id: 'a' }), service), packageOf(plugin({ id: 'b' }))];
    registry.offer(asked);
    registry.offer(other);
    expect(() => registry.find('endpoint', 'a')).toThrow('the endpoint plugin "a" is not loaded');
    await Promise.all([
      registry.load([{ kind: 'endpoint', id: 'A' }]),
      registry.load([
        { kind: 'service', id: 'test' },
        { kind: 'policy', id: 'nobody knows' },
      ]),
    ]);
    expect([asked.loads, other.loads]).toEqual([1, 0]);
    expect(registry.find('endpoint', 'a')).toMatchObject({ id: 'a' });
    expect(registry.find('service', 'test')).toMatchObject({ id: 'test' });
    expect(registry.all('endpoint').map(({ id }) => id)).toEqual(['a']);
  });

  test('is known before: to what is misspelt, and to another of the same id', () => {
    const registry = new PluginRegistry();
    registry.offer(packageOf(plugin({ id: 'kafka' })));
    registry.register(plugin({ id: 'mock' }));
    expect(registry.find('endpoint', 'kafak')).toBe(
      'no endpoint plugin "kafak" is installed; did you mean "kafka"?',
    );
    expect(registry.find('endpoint', 'solace')).toBe(
      'no endpoint plugin "solace" is installed; known are kafka, mock',
    );
    expect(() => registry.register(plugin({ id: 'KAFKA' }))).toThrow('is there twice');
    expect(() => registry.offer(packageOf(plugin({ id: 'mock' })))).toThrow('is there twice');
  });

  test('that cannot be imported is told with its folder, all of them at once', async () => {
    const registry = new PluginRegistry();
    for (const id of ['a', 'b']) {
      const load = () => Promise.reject(new Error(`no ${id}`));
      registry.offer({ ...packageOf(plugin({ id })), load });
    }
    await expect(registry.load(['a', 'b'].map((id) => ({ kind: 'endpoint', id })))).rejects.toThrow(
      'the plugin in /plugins/a cannot be loaded: no a\nthe plugin in /plugins/b cannot be loaded: no b',
    );
  });

  test('has its schemas checked when it is loaded', async () => {
    const registry = new PluginRegistry();
    registry.offer(packageOf(plugin({ id: 'a', schema: { type: 'objekt' } })));
    await expect(registry.load([{ kind: 'endpoint', id: 'a' }])).rejects.toThrow('/plugins/a');
  });
});

test('a schema that is itself wrong shows when the plugin is registered', () => {
  expect(() => registryOf(plugin({ schema: { type: 'objekt' } }))).toThrow();
  expect(() => registryOf(plugin({ sharedSchema: { type: 'object', propertys: {} } }))).toThrow();
});

test('a configuration is checked against the schema, and gets its defaults', () => {
  const properties = { count: { type: 'integer', default: 3 } };
  const registry = registryOf(
    plugin({ schema: { type: 'object', additionalProperties: false, properties } }),
  );
  const found = registry.find('endpoint', 'test');
  if (typeof found === 'string') throw new Error(found);
  const config = {};
  expect(found.validate(config)).toEqual([]);
  expect(config).toEqual({ count: 3 });
  expect(found.validate({ cuont: 1 })).toEqual([
    {
      path: ['cuont'],
      message: 'unknown member "cuont"; did you mean "count"?',
      unknownMember: true,
      meant: { name: 'count', extension: true },
    },
  ]);
});

test('an endpoint without a shared schema takes no shared configuration', () => {
  const found = registryOf(plugin()).find('endpoint', 'test');
  if (typeof found === 'string') throw new Error(found);
  expect(found.validateShared({})).toEqual([]);
  expect(found.validateShared({ topics: [] })).toHaveLength(1);
});

test('no schema of this product tells of a wrong text by a regular expression', async () => {
  const { plugins, failures } = await discoverPlugins(defaultPluginFolders());
  expect(failures).toEqual([]);
  const schemas = [...plugins, { schema: GATEWAY_CONFIG_SCHEMA }];
  const patterns = schemas.flatMap((plugin) => [...withPattern(plugin)]);
  expect(patterns.length).toBeGreaterThan(10);
  for (const { pattern, $comment } of patterns) {
    expect($comment, String(pattern)).toMatch(/^must be [^\\^]+$/);
    const [problem] = compileSchema({ type: 'string', pattern, $comment })('\n\n');
    expect(problem?.message).toBe(`${$comment}, not "\\n\\n"`);
  }
});

function* withPattern(value: unknown): Iterable<{ readonly pattern: unknown; readonly $comment?: string }> {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as { readonly pattern?: unknown };
  if (typeof schema.pattern === 'string') yield { ...schema, pattern: schema.pattern };
  for (const member of Object.values(value)) yield* withPattern(member);
}
