import { describe, expect, test } from 'vitest';
import { apiDefinition } from '../../../test/support/gateway.js';
import { placeholder } from '../../../test/support/placeholder.js';
import { loadDefinition } from '../../src/definition/load.js';

const problemsOf = (document: unknown) =>
  loadDefinition(JSON.stringify(document), {}).problems.map(
    ({ severity, path, message }) => `${severity} ${path}: ${message}`,
  );

/** A sound definition with one place changed. */
function changed(change: (api: Record<string, never>) => void): unknown {
  const api = structuredClone(apiDefinition()) as Record<string, never>;
  change(api);
  return api;
}

test('a definition gets the defaults of the format', () => {
  const { definition, problems } = loadDefinition(JSON.stringify(apiDefinition()), {});
  expect(problems).toEqual([]);
  expect(definition).toMatchObject({
    apiVersion: '',
    flows: [],
    resources: [],
    responseTemplates: {},
    listeners: [{ cors: { enabled: false }, entrypoints: [{ qos: 'auto', configuration: {} }, {}] }],
    endpointGroups: [
      {
        sharedConfiguration: {},
        endpoints: [{ inheritConfiguration: false, sharedConfigurationOverride: {} }],
      },
    ],
  });
  expect(definition).not.toHaveProperty('plans');
});

test('every problem is told at once, each with its path', () => {
  const problems = problemsOf({
    id: '',
    type: 'proxy',
    definitionVersion: 'V2',
    listeners: [
      { type: 'http', entrypoints: [{ qos: 'maybe' }] },
      { type: 'subscription', entrypoints: [] },
    ],
    endpointGroups: [{ name: 'g', type: 'mock', endpoints: [] }],
    descrption: 'typo',
  });
  expect(problems.sort()).toEqual([
    'error $.definitionVersion: "V2" is not one of 4.0.0',
    'error $.endpointGroups[0].endpoints: needs at least 1 item',
    'error $.id: must not be empty',
    'error $.listeners[0].entrypoints[0].qos: "maybe" is not one of none, balanced, at-best, at-most-once, at-least-once, auto',
    'error $.listeners[0].entrypoints[0]: the member "type" is missing',
    'error $.listeners[0]: the member "paths" is missing',
    'error $.listeners[1].entrypoints: needs at least 1 item',
    'error $.type: "proxy" is not one of message',
    'error $: the member "name" is missing',
    'warning $.descrption: unknown member "descrption"; did you mean "description"?; it is ignored',
  ]);
});

describe('one problem', () => {
  test.each([
    [
      'a member of the wrong kind',
      (api: Record<string, unknown>) => {
        api.listeners = 'http';
      },
      'error $.listeners: must be an array, not "http"',
    ],
    [
      'a list where an object must stand',
      (api: Record<string, unknown>) => {
        api.endpointGroups = [[]];
      },
      'error $.endpointGroups[0]: must be an object, not an array',
    ],
    [
      'a word that is nearly right',
      (api: Record<string, unknown>) => {
        api.flowExecution = { mode: 'best_macth' };
      },
      'error $.flowExecution.mode: "best-macth" is not one of default, best-match; did you mean "best-match"?',
    ],
    [
      'a number below its least',
      (api: Record<string, unknown>) => {
        api.endpointGroups = [
          { name: 'g', type: 'mock', endpoints: [{ name: 'e', type: 'mock', weight: -1 }] },
        ];
      },
      'error $.endpointGroups[0].endpoints[0].weight: must be >= 0 (it is -1)',
    ],
  ])('%s', (_, change, expected) => {
    expect(problemsOf(changed(change))).toEqual([expected]);
  });
});

test('scalars are coerced as the format does', () => {
  const { definition, problems } = loadDefinition(
    JSON.stringify(
      changed((api) => {
        Object.assign(api, { id: 7, flowExecution: { matchRequired: 'true' } });
      }),
    ),
    {},
  );
  expect(problems).toEqual([]);
  expect(definition?.id).toBe('7');
});

test.each(['[]', '"text"', '1', 'null', 'true'])('%s is no definition', (text) => {
  expect(loadDefinition(text, {}).problems).toMatchObject([
    { path: '$', message: 'an API definition is a JSON object', line: 1, column: 1 },
  ]);
});

test('a text that is no JSON is told with its file and place, and nothing is loaded', () => {
  const { definition, problems } = loadDefinition('{\n"id": x}', {}, 'a.api.json');
  expect(definition).toBeUndefined();
  expect(problems).toEqual([
    {
      severity: 'error',
      path: '$',
      message: 'not valid JSON: this is not a JSON value; strings need double quotes',
      file: 'a.api.json',
      line: 2,
      column: 7,
    },
  ]);
});

test('an unknown member is a warning, and the definition is loaded without harm', () => {
  const { definition, problems } = loadDefinition(JSON.stringify({ ...apiDefinition(), zzz: 1 }), {});
  expect(problems.map(({ severity }) => severity)).toEqual(['warning']);
  expect(definition?.id).toBe('test');
});

describe('a placeholder without a value', () => {
  const text = JSON.stringify(apiDefinition({ id: placeholder('API_ID') }));

  test('is an error where a gateway starts', () => {
    const { definition, problems } = loadDefinition(text, {});
    expect(definition).toBeUndefined();
    expect(problems.map(({ severity, path }) => `${severity} ${path}`)).toContain('error $.id');
  });

  test('is a warning where a file is only checked', () => {
    const { problems } = loadDefinition(text, {}, undefined, { missingVariables: 'warning' });
    expect(new Set(problems.map(({ severity }) => severity))).toEqual(new Set(['warning']));
  });

  test('is filled before the shape is checked', () => {
    expect(loadDefinition(text, { API_ID: 'filled' }).definition?.id).toBe('filled');
  });

  test('is found in the characters that an escape stands for', () => {
    const escaped = text.replaceAll('$', String.raw`\u0024`).replaceAll('env', String.raw`\u0065nv`);
    expect(escaped).not.toContain('${env:');
    expect(loadDefinition(escaped, { API_ID: 'filled' }).definition?.id).toBe('filled');
  });
});
