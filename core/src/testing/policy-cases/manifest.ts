import assert from 'node:assert/strict';
import type { Phase, Policy } from '../../contract/policy.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { PolicyHarness } from '../policy-harness.js';
import { deploy } from './deployed.js';

const METHODS: readonly (readonly [Phase, keyof Policy])[] = [
  ['request', 'onRequest'],
  ['response', 'onResponse'],
  ['publish', 'onPublish'],
  ['subscribe', 'onSubscribe'],
];

interface OptionSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly items?: OptionSchema;
}

/** What a policy says of itself, and how it takes its configuration. */
export function manifestCases(harness: PolicyHarness): readonly ConformanceCase[] {
  const { plugin } = harness;
  return [
    {
      name: 'the phases it claims are there, and no others',
      run: async () => {
        const policy = deploy(harness, harness.config);
        const found = METHODS.filter(([, method]) => policy[method] !== undefined).map(([phase]) => phase);
        assert.deepEqual(
          found,
          METHODS.map(([phase]) => phase).filter((one) => plugin.phases.includes(one)),
        );
      },
    },
    {
      name: 'a wrong configuration is refused when deployed, with a reason',
      run: async () => {
        for (const { config, says } of harness.wrong) {
          assert.throws(() => deploy(harness, config), says, JSON.stringify(config));
        }
      },
    },
    {
      name: 'an unknown option is refused when deployed',
      run: async () => {
        const config = { ...(harness.config as object), noSuchOption: 1 };
        assert.throws(() => deploy(harness, config), /noSuchOption/);
      },
    },
    {
      name: 'every option has a description, and a default unless it is required or means something when left out',
      run: async () => {
        const faults = optionFaults(plugin.schema as OptionSchema, '', harness.withoutDefault ?? []);
        assert.deepEqual(faults, []);
      },
    },
  ];
}

function optionFaults(
  schema: OptionSchema,
  at: string,
  withoutDefault: readonly string[],
): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const inItems = at.includes('[]');
    const free = inItems || withoutDefault.includes(path) || (schema.required ?? []).includes(name);
    return [
      ...((option.description ?? '') === '' ? [`${path} has no description`] : []),
      ...(option.default === undefined && !free && option.properties === undefined
        ? [`${path} has no default`]
        : []),
      ...optionFaults(option, path, withoutDefault),
      ...optionFaults(option.items ?? {}, `${path}[]`, withoutDefault),
    ];
  });
}
