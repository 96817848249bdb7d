import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Gateway, loadDefinition, PluginRegistry } from '@sluice/core/gateway';
import { recordingLogger } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import assignAttributes from '../../../plugins/policy-assign-attributes/src/index.js';
import { mutate } from '../../../test/support/mutate.js';
import { mock, sse } from '../../../test/support/plugins.js';
import { fc } from '../../../test/support/property.js';
import type { Fate } from '../../src/definition/format/fate.js';
import { FORMAT_MEMBERS, found, stepsOf } from '../../src/definition/format/members.js';
import { formatPath } from '../../src/definition/problem.js';
import { DEFINITION_SCHEMA } from '../../src/definition/schema.js';
import { EVERY_MEMBER } from './every-member.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const paths = FORMAT_MEMBERS.map(([path]) => path);
const of = <K extends Fate['kind']>(kind: K) =>
  FORMAT_MEMBERS.flatMap(([path, fate]) =>
    fate.kind === kind ? [{ path, fate: fate as Extract<Fate, { kind: K }> }] : [],
  );

function registryOf(): PluginRegistry {
  const registry = new PluginRegistry();
  for (const plugin of [sse, mock, assignAttributes]) registry.register(plugin);
  return registry;
}

/** What deploying a definition warns of: places, and what is said there. */
function warnings(definition: object): ReadonlyMap<string, string> {
  const loaded = loadDefinition(JSON.stringify(definition), {});
  const problems = new Gateway(registryOf(), recordingLogger(), {}, { dryRun: true }).deploy(loaded);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return new Map(problems.map(({ path, message }) => [path, message]));
}

describe('the table of the format', () => {
  test('has every member of a definition that has them all, and no other', () => {
    const missing = [...leaves(EVERY_MEMBER)].filter((leaf) => !paths.some((path) => covers(path, leaf)));
    expect(missing).toEqual([]);
    const unused = paths.filter((path) => [...found(EVERY_MEMBER, stepsOf(path))].length === 0);
    expect(unused).toEqual([]);
  });

  test('has every member that the schema knows', () => {
    const known = [...schemaLeaves(DEFINITION_SCHEMA as SchemaNode)].filter((leaf) => leaf !== '$schema');
    const has = (leaf: string) =>
      paths.some((path) => covers(path, leaf) || path.startsWith(`${leaf}.`) || path.startsWith(`${leaf}[]`));
    expect(known.filter((leaf) => !has(leaf))).toEqual([]);
  });

  test('names each once', () => {
    expect(new Set(paths).size).toBe(paths.length);
  });

  const told = warnings(EVERY_MEMBER);
  test.each(of('warned'))('$path is warned of, with its place and the reason', ({ path, fate }) => {
    for (const { path: place } of found(EVERY_MEMBER, stepsOf(path))) {
      // Only the first selector is of the kind that has a path.
      expect(told.get(formatPath(place))).toBe(`it has no effect: ${fate.about}`);
    }
  });

  test('warns of nothing that asks for nothing', () => {
    const off = {
      ...EVERY_MEMBER,
      properties: [{ key: 'region', value: 'eu', encrypted: false, dynamic: false }],
      resources: [],
      services: { dynamicProperty: { enabled: false } },
      responseTemplates: {},
      analytics: { enabled: true, tracing: { enabled: false }, logging: {} },
      failover: { enabled: false, maxRetries: 2 },
      listeners: [
        {
          type: 'http',
          paths: [{ path: '/every', overrideAccess: false }],
          pathMappings: [],
          servers: [],
          cors: { enabled: false },
          entrypoints: [{ type: 'sse', qos: 'none' }],
        },
      ],
      endpointGroups: [
        { ...EVERY_MEMBER.endpointGroups[0], services: {}, endpoints: [{ name: 'm', type: 'mock' }] },
      ],
      flows: [{ selectors: [{ type: 'http', path: '/', methods: [] }] }],
      plans: [],
    };
    expect([...warnings(off)]).toEqual([]);
  });

  test.each(of('honoured'))('$path has a test of its effect that names it', ({ path, fate }) => {
    const named = path
      .split(/[.[\]*]+/)
      .filter((part) => part !== '')
      .at(-1) as string;
    const file = join(ROOT, fate.test);
    expect(existsSync(file), fate.test).toBe(true);
    expect(textOf(file).includes(named), `${fate.test} says nothing of ${named}`).toBe(true);
  });
});

test('a definition in which anything stands anywhere is refused or deployed, and never throws', () => {
  const odd: readonly unknown[] = [
    ...[
      '',
      'a',
      '/',
      '*',
      'STOPPED',
      '{#nope}',
      '{#properties[1]}',
      "{#secrets.get('/vault/x')}",
      '{{request.id}}',
    ],
    ...[
      '{T(java.lang.Math).abs(1)}',
      '\u0000',
      '__proto__',
      -1,
      0,
      1e9,
      1.5,
      true,
      null,
      [],
      {},
      [[]],
      [null],
    ],
    ...[{ enabled: true }, { key: {} }, undefined],
  ];
  const change = fc.tuple(fc.nat(2000), fc.constantFrom(...odd));
  let served = 0;
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
      const document = structuredClone(EVERY_MEMBER) as unknown;
      for (const [at, value] of changes) mutate(document, at, value);
      const loaded = loadDefinition(JSON.stringify(document), {});
      const gateway = new Gateway(registryOf(), recordingLogger(), {}, { dryRun: true });
      const failed = gateway.deploy(loaded).some(({ severity }) => severity === 'error');
      expect(gateway.unserved).toHaveLength(failed || loaded.definition?.state === 'stopped' ? 1 : 0);
      if (!failed) served++;
    }),
    { numRuns: 500 },
  );
  expect(served).toBeGreaterThan(20);
});

function textOf(file: string): string {
  if (!statSync(file).isDirectory()) return readFileSync(file, 'utf8');
  return readdirSync(file)
    .map((name) => readFileSync(join(file, name), 'utf8'))
    .join('\n');
}

/** Whether an entry of the table stands for a member: for itself, or for what is below it. */
function covers(path: string, leaf: string): boolean {
  const steps = stepsOf(path);
  const leafSteps = stepsOf(leaf);
  return steps.every(
    (step, index) => step === leafSteps[index] || (step === '*' && leafSteps[index] !== undefined),
  );
}

/** The paths of all values that are no object and no list, in the spelling of the table. */
function* leaves(value: unknown, at = ''): Iterable<string> {
  if (Array.isArray(value)) for (const item of value) yield* leaves(item, `${at}[]`);
  else if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    for (const [name, member] of Object.entries(value))
      yield* leaves(member, at === '' ? name : `${at}.${name}`);
  } else yield at;
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
}

function* schemaLeaves(schema: SchemaNode, at = ''): Iterable<string> {
  const below = (name: string) => (at === '' ? name : `${at}.${name}`);
  if (schema.items?.properties !== undefined) yield* schemaLeaves(schema.items, `${at}[]`);
  else if (schema.properties !== undefined) {
    for (const [name, member] of Object.entries(schema.properties)) yield* schemaLeaves(member, below(name));
  } else if (typeof schema.additionalProperties === 'object') {
    yield* schemaLeaves(schema.additionalProperties, below('*'));
  } else yield at;
}
