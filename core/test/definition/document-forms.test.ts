import { describe, expect, test } from 'vitest';
import { apiDefinition } from '../../../test/support/gateway.js';
import { loadDefinition } from '../../src/definition/load.js';

const load = (document: object) => {
  const { definition, problems, problem } = loadDefinition(JSON.stringify(document), {});
  return {
    definition,
    problems: problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`),
    problem,
  };
};
const { id: _, ...body } = {
  ...(apiDefinition() as { id: string; listeners: readonly object[] }),
  definitionVersion: 'V4',
  type: 'MESSAGE',
};

describe('a body that creates an API', () => {
  test.each([
    ['Orders', 'orders'],
    ['My Orders (EU) v1.2', 'my-orders-eu-v1.2'],
    ['Bücher & Mehr', 'bücher-mehr'],
    ['***', '***'],
  ])('%j has no id: it becomes %j', (name, id) => {
    const { definition, problems } = load({ ...body, name });
    expect(problems).toEqual([]);
    expect(definition).toMatchObject({ id, name });
  });

  test('has plans without ids, which are made from their names', () => {
    const plans = [{ name: 'Free Plan', security: { type: 'KEY_LESS' } }];
    expect(load({ ...body, plans }).definition?.plans).toMatchObject([
      { id: 'free-plan', name: 'Free Plan' },
    ]);
  });

  test('an id that is written stays', () => {
    expect(load({ ...body, id: 'ID-1' }).definition?.id).toBe('ID-1');
  });
});

describe('a resource of the operator', () => {
  const { definitionVersion: _version, ...spec } = { ...body, version: '1.0', state: 'STARTED' };
  const resource = (more: object, metadata: object = { name: 'orders-api', namespace: 'default' }) => ({
    apiVersion: 'gravitee.io/v1alpha1',
    kind: 'ApiV4Definition',
    metadata,
    spec: { ...spec, ...more },
  });

  test('has the API as its spec and plans by their names', () => {
    const plans = {
      KeyLess: { name: 'Free', security: { type: 'KEY_LESS' }, status: 'PUBLISHED' },
      Push: { mode: 'PUSH', id: null },
    };
    const { definition, problems } = load(resource({ plans }));
    expect(problems).toEqual([]);
    expect(definition).toMatchObject({ id: 'orders-api', apiVersion: '1.0', definitionVersion: '4.0.0' });
    expect(definition?.plans).toMatchObject([
      { id: 'KeyLess', name: 'Free', status: 'published' },
      { id: 'Push', name: 'Push', mode: 'push' },
    ]);
  });

  test('tells problems where they stand in it', () => {
    const { problems, problem } = load(resource({ plans: { free: { status: 'gone' } } }));
    expect(problems).toEqual([
      'error $.spec.plans.free.status: "gone" is not one of staging, published, deprecated, closed',
    ]);
    expect(problem(['listeners', 0], '').path).toBe('$.spec.listeners[0]');
  });
});

describe('an export', () => {
  test('has plans and metadata beside the API', () => {
    const { definition, problems, problem } = load({
      export: { date: '2026-01-01', apimVersion: '4.9.0' },
      api: { ...body, id: 'a' },
      plans: [{ id: 'p', security: { type: 'KEY_LESS' } }],
      metadata: [{ key: 'owner', value: 'team-a', format: 'STRING' }],
      members: [],
      pages: [],
    });
    expect(problems).toEqual([]);
    expect(definition?.plans).toMatchObject([{ id: 'p' }]);
    expect(definition?.metadata).toMatchObject([{ key: 'owner', value: 'team-a' }]);
    expect(problem(['plans', 0], '').path).toBe('$.plans[0]');
    expect(problem(['metadata', 0], '').path).toBe('$.metadata[0]');
    expect(problem(['listeners', 0], '').path).toBe('$.api.listeners[0]');
  });
});

test('entrypoints and endpoints by their names of 3.20', () => {
  const [listener] = body.listeners as unknown as [{ entrypoints: object[] }];
  const document = {
    ...body,
    type: 'async',
    listeners: [{ ...listener, entrypoints: [{ type: 'sse-advanced' }, { type: 'http-get-advanced' }] }],
    endpointGroups: [
      { name: 'g', type: 'kafka-advanced', endpoints: [{ name: 'e', type: 'kafka-advanced' }] },
    ],
  };
  const { definition, problems } = load(document);
  expect(problems).toEqual([]);
  expect(definition?.listeners[0]?.entrypoints.map(({ type }) => type)).toEqual(['sse', 'http-get']);
  expect(definition?.endpointGroups[0]).toMatchObject({ type: 'kafka', endpoints: [{ type: 'kafka' }] });
});

test('what a management API keeps for itself is taken without a word, and nothing else is', () => {
  const document = {
    ...body,
    id: 'a',
    contextRef: { name: 'dev' },
    pages: {},
    lifecycleState: 'PUBLISHED',
    visibility: 'PUBLIC',
    page: {},
    plans: [{ id: 'p', description: 'for people', order: 1, validation: 'AUTO', descr: 'x' }],
  };
  const { problems } = load(document);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain('warning $.page: unknown member "page"');
  expect(problems[1]).toContain('warning $.plans[0].descr: unknown member "descr"');
});
