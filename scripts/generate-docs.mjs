import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { GATEWAY_CONFIG_SCHEMA } from '../core/dist/config/gateway-config.js';
import { editorSchema } from '../core/dist/definition/editor-schema.js';
import { MANAGEMENT_MEMBERS } from '../core/dist/definition/format/management.js';
import { FORMAT_MEMBERS } from '../core/dist/definition/format/members.js';
import { ERRORS } from '../core/dist/index.js';
import { defaultPluginFolders, discoverPlugins } from '../core/dist/runtime/discover.js';
import { PluginRegistry } from '../core/dist/runtime/registry.js';
import { GATEWAY_METRICS } from '../core/dist/telemetry/metrics-table.js';
import { prometheusName } from '../core/dist/telemetry/prometheus.js';
import { latestResults } from '../test/bench/results.mjs';
import { benchTable, headlines, peerTable } from './lib/bench-table.mjs';
import { between } from './lib/between.mjs';
import { errorPage } from './lib/error-page.mjs';
import { withMembers } from './lib/members-table.mjs';
import { withMetrics } from './lib/metrics-table.mjs';
import { optionsOf, optionTable } from './lib/option-table.mjs';
import { pluginPage } from './lib/plugin-page.mjs';
import { ROOT } from './lib/run.mjs';

/**
 * Writes what the documentation takes from the code: docs/errors.md, docs/schema.json, the members of docs/definitions.md, the
 * settings of docs/configuration.md, the option tables of
 * docs/plugins/*.md, the table of metrics in docs/observability.md, and, from test/bench/results, the figures of
 * docs/performance.md and README.md. Needs a build. With `--check` nothing is written, and a file that is not fresh is an error;
 * `--docs DIR` is another folder than docs/; README.md is then left alone.
 */
const check = process.argv.includes('--check');
const docsAt = process.argv.indexOf('--docs');
const docs = docsAt < 0 ? join(ROOT, 'docs') : process.argv[docsAt + 1];

const { plugins, failures } = await discoverPlugins(defaultPluginFolders());
for (const { folder, reason } of failures)
  throw new Error(`the plugin in ${folder} cannot be loaded: ${reason}`);
const registry = new PluginRegistry();
for (const plugin of plugins) registry.register(plugin);
const entrypoints = registry.all('entrypoint');
const endpoints = registry.all('endpoint');
const policies = registry.all('policy');
const securities = registry.all('security');

const files = new Map([
  ['errors.md', errorPage(ERRORS)],
  ['schema.json', `${JSON.stringify(editorSchema(entrypoints, endpoints, policies, securities), null, 2)}\n`],
]);
const metrics = [...GATEWAY_METRICS, ...endpoints.flatMap((endpoint) => endpoint.metrics ?? [])];
files.set('definitions.md', withMembers(await read('definitions.md'), FORMAT_MEMBERS, MANAGEMENT_MEMBERS));
const settings = optionTable(optionsOf(GATEWAY_CONFIG_SCHEMA).filter(({ path }) => path !== '$schema'));
files.set(
  'configuration.md',
  between(await read('configuration.md'), 'options', settings, 'docs/configuration.md'),
);
files.set('observability.md', withMetrics(await read('observability.md'), metrics, prometheusName));
for (const plugin of [...entrypoints, ...endpoints, ...policies, ...securities]) {
  const name = join('plugins', `${plugin.id}.md`);
  files.set(name, pluginPage(plugin, files.get(name) ?? (await read(name))));
}

const results = await latestResults();
if (results !== undefined) {
  const performance = await read('performance.md');
  const page = between(performance, 'figures', benchTable(results), 'docs/performance.md');
  files.set('performance.md', between(page, 'peers', peerTable(results), 'docs/performance.md'));
  const readme = await read('../README.md');
  if (docsAt < 0) files.set('../README.md', between(readme, 'figures', headlines(results), 'README.md'));
}

const stale = [];
for (const [name, content] of files) {
  if ((await read(name)) === content) continue;
  stale.push(relative(process.cwd(), join(docs, name)));
  if (check) continue;
  await mkdir(dirname(join(docs, name)), { recursive: true });
  await writeFile(join(docs, name), content);
}
if (check && stale.length > 0) {
  console.error(`not fresh: ${stale.join(', ')}; run node scripts/generate-docs.mjs`);
  process.exit(1);
}
if (!check) for (const name of stale) console.log(`wrote ${name}`);

function read(name) {
  return readFile(join(docs, name), 'utf8').catch(() => undefined);
}
