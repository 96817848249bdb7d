import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatProblem } from '@sluice/core/gateway';
import { recordingLogger } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deployFiles } from '../../core/src/runtime/deploy-files.js';
import { Gateway } from '../../core/src/runtime/gateway.js';
import { PluginRegistry } from '../../core/src/runtime/registry.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import apiKey from '../../plugins/security-api-key/src/index.js';
import { folderWith } from '../support/cli.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { mutate } from '../support/mutate.js';
import { sha256 } from '../support/plans.js';
import { httpGet, httpPost, mock, sse, webhook } from '../support/plugins.js';

const PLUGINS = [apiKey, transformHeaders, webhook];
const push = { type: 'subscription', entrypoints: [{ type: 'webhook' }] };
const api = (id: string) => {
  const { listeners, ...rest } = apiDefinition({ id }) as { readonly listeners: readonly object[] };
  return {
    ...rest,
    listeners: [...listeners, push],
    flows: [
      { request: [{ policy: 'shared-policy-group-policy', configuration: { sharedPolicyGroupId: 'g' } }] },
    ],
    plans: [
      { id: 'gold', security: { type: 'api-key' } },
      { id: 'push', mode: 'push' },
    ],
  };
};
const step = { policy: 'transform-headers', configuration: { removeHeaders: ['x'] } };
const consumer = { entrypointId: 'webhook', entrypointConfiguration: { callbackUrl: 'https://example.com' } };

/** A folder with a file of every kind, all sound. */
const SOUND: Readonly<Record<string, unknown>> = {
  'a.api.json': api('a'),
  'b.api.json': api('b'),
  'c.api.json': api('c'),
  'one.policy-group.json': { id: 'g', steps: [step] },
  'keys.api-keys.json': { api: 'a', plan: 'gold', keys: [{ id: 'shop', sha256: sha256('k') }] },
  's.subscription.json': { api: 'a', plan: 'push', consumerConfiguration: consumer },
  't.subscription.json': { api: 'b', plan: 'push', consumerConfiguration: consumer },
};

/** One change of a folder: a place in one of its files, and what is put there. */
interface Change {
  readonly file: string;
  readonly at: number;
  readonly value: unknown;
}
const VALUES = [
  'a',
  'b',
  '/a',
  'STOPPED',
  '',
  0,
  1,
  true,
  null,
  [],
  {},
  '{#nope}',
  "{#secrets.get('/vault/x')}",
];
const change = fc.record<Change>({
  file: fc.constantFrom(...Object.keys(SOUND)),
  at: fc.nat(400),
  value: fc.constantFrom<unknown>(...VALUES, undefined, 'cut'),
});

/** The text of a file after the changes that are for it; undefined when it is taken away. */
function textOf(file: string, changes: readonly Change[]): string | undefined {
  const document = structuredClone(SOUND[file]);
  let cut = false;
  for (const { file: of, at, value } of changes) {
    if (of !== file) continue;
    if (value === 'cut') cut = true;
    mutate(document, at, value);
  }
  const text = JSON.stringify(document);
  return cut ? text.slice(0, -5) : text;
}

async function checked(folder: string) {
  const registry = new PluginRegistry();
  for (const plugin of [httpGet, httpPost, sse, mock, ...PLUGINS]) registry.register(plugin);
  const gateway = new Gateway(registry, recordingLogger(), { tags: [] }, { dryRun: true });
  const named = (path: string) => path;
  const { problems } = await deployFiles([folder], { gateway, registry, environment: {}, named });
  return problems.map((problem) => formatProblem(problem).replaceAll(folder, '')).sort();
}

async function started(folder: string) {
  const { log, stop, gateway } = await startTestGateway({ folder, plugins: PLUGINS });
  const served = gateway.apis.map(({ id }) => id);
  await stop();
  const problems = log.lines.filter(({ members }) => 'severity' in members);
  return { served, problems: problems.map(({ message }) => message.replace(/^\S*\//, '/')).sort() };
}

test('a check of any folder finds what a start finds, and nothing else', async () => {
  const folder = await folderWith({});
  let broken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
      for (const file of Object.keys(SOUND)) {
        const text = textOf(file, changes);
        if (text === undefined) await rm(join(folder, file), { force: true });
        else await writeFile(join(folder, file), text);
      }
      const { served, problems } = await started(folder);
      expect(await checked(folder)).toEqual(problems);
      if (changes.length === 0) expect(served).toEqual(['a', 'b', 'c']);
      if (served.length < 3) broken++;
    }),
    { numRuns: 150, examples: [[[]]] },
  );
  expect(broken).toBeGreaterThan(20);
});
