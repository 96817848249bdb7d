import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCli, folderWith, runCli, startCli } from '../support/cli.js';
import { apiDefinition } from '../support/gateway.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FREE_PORTS = ['--port', '0', '--admin-port', '0'];

beforeAll(async () => {
  await buildCli();
  await promisify(execFile)(process.execPath, ['scripts/compile-schemas.mjs'], { cwd: ROOT });
}, 120_000);

/** Starts a gateway, stops it, and says which CommonJS modules it had loaded. */
async function modulesOf(apis: string): Promise<readonly string[]> {
  const folder = await folderWith({
    'list.cjs': `process.on('exit', () => require('node:fs').writeFileSync(
      ${JSON.stringify(join(apis, 'modules.txt'))}, Object.keys(require.cache).join('\\n')));`,
  });
  const env = { NODE_OPTIONS: `--require ${join(folder, 'list.cjs')}` };
  const cli = startCli(['start', '--apis', apis, ...FREE_PORTS], env);
  await cli.event('ready');
  cli.child.kill('SIGTERM');
  expect(await cli.ended()).toBe(0);
  return (await readFile(join(apis, 'modules.txt'), 'utf8')).split('\n');
}

const used = (modules: readonly string[], library: string) =>
  modules.some((path) => path.includes(`/node_modules/${library}/`));

test('a start loads no library that its definitions do not need', async () => {
  const modules = await modulesOf(await folderWith({ 'test.api.json': apiDefinition() }));
  expect(used(modules, 'pino')).toBe(true);
  const heavy = ['jsonata', 'node-rdkafka', 'undici', 'node-forge', 'jks-js', 'xmlbuilder', 'pino-pretty'];
  expect(heavy.filter((library) => used(modules, library))).toEqual([]);
  // The small helpers of validators are of ajv too.
  expect(modules.filter((path) => /\/ajv\/dist\/(?!runtime\/)/.test(path))).toEqual([]);
});

test('a Kafka endpoint loads neither key stores nor an HTTP client, which it has no use for', async () => {
  const topics = { enabled: true, topics: ['t'] };
  const endpoint = {
    name: 'kafka',
    type: 'kafka',
    configuration: { bootstrapServers: '127.0.0.1:1' },
    sharedConfigurationOverride: { producer: topics, consumer: topics },
  };
  const endpointGroups = [{ name: 'kafka', type: 'kafka', endpoints: [endpoint] }];
  const modules = await modulesOf(
    await folderWith({ 'test.api.json': { ...apiDefinition(), endpointGroups } }),
  );
  expect(used(modules, 'node-rdkafka')).toBe(true);
  expect(['undici', 'node-forge', 'jks-js'].filter((library) => used(modules, library))).toEqual([]);
});

test('JSONata is loaded where an expression needs it', async () => {
  const step = { policy: 'json-to-json', configuration: { specification: '{"a": b}' } };
  const api = { ...apiDefinition(), flows: [{ publish: [step] }] };
  expect(used(await modulesOf(await folderWith({ 'test.api.json': api })), 'jsonata')).toBe(true);
});

describe('a plugin that cannot be loaded', () => {
  const withBroken = async (api: object) => {
    const apis = await folderWith({ 'test.api.json': api });
    const plugins = await folderWith({});
    const folder = join(plugins, 'broken');
    await mkdir(folder);
    const sluice = { module: './plugin.mjs', plugins: [{ kind: 'policy', id: 'broken' }] };
    await writeFile(join(folder, 'package.json'), JSON.stringify({ sluice }));
    await writeFile(join(folder, 'plugin.mjs'), 'throw new Error("no licence");');
    return { folder, args: ['--apis', apis, ...FREE_PORTS, '--plugins', plugins] };
  };

  test('does no harm where no definition names it', async () => {
    const { args } = await withBroken(apiDefinition());
    expect(await startCli(['start', ...args]).event('ready')).toMatchObject({ apis: ['test'] });
  });

  test.each([
    ['a flow', { flows: [{ publish: [{ policy: 'broken' }] }] }],
    ['a plan', { plans: [{ id: 'p', flows: [{ response: [{ policy: 'Broken' }] }] }] }],
  ])('is told where %s names it', async (_, more) => {
    const { folder, args } = await withBroken({ ...apiDefinition(), ...more });
    const { code, stderr } = await runCli(['start', ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain(`the plugin in ${folder} cannot be loaded: no licence`);
  });
});

describe("a user's own plugin", () => {
  const start = async (configuration: object) => {
    const step = { policy: 'own', configuration };
    const api = { ...apiDefinition(), flows: [{ request: [step] }] };
    const plugins = await folderWith({});
    await mkdir(join(plugins, 'own'));
    const sluice = { module: './plugin.mjs', plugins: [{ kind: 'policy', id: 'own' }] };
    await writeFile(join(plugins, 'own', 'package.json'), JSON.stringify({ sluice }));
    await writeFile(
      join(plugins, 'own', 'plugin.mjs'),
      `const schema = { type: 'object', required: ['word'], properties: { word: { type: 'string' } } };
       export default { kind: 'policy', id: 'own', phases: ['request'], schema, create: () => ({ onRequest() {} }) };`,
    );
    const apis = await folderWith({ 'test.api.json': api });
    return ['start', '--apis', apis, ...FREE_PORTS, '--plugins', plugins, '--strict'];
  };

  test('has its schema compiled by the start, since no build has seen it', async () => {
    expect(await startCli(await start({ word: 'yes' })).event('ready')).toMatchObject({ apis: ['test'] });
    const { code, stderr } = await runCli(await start({}));
    expect(code).toBe(1);
    expect(stderr).toContain('word');
  });
});

describe('what the build makes of schemas', () => {
  test('says of a wrong definition what the library says', async () => {
    const schema = await import(join(ROOT, 'core/dist/definition/schema.js'));
    const prebuilt = await import(join(ROOT, 'core/dist/definition/prebuilt.js'));
    const [built, now] = await Promise.all([
      import(join(ROOT, 'core/dist/definition/validator.js')),
      import('../../core/src/definition/validator.js'),
    ]);
    expect(prebuilt.prebuiltValidator(schema.DEFINITION_SCHEMA)).toBeTypeOf('function');
    const wrong = () => ({
      ...apiDefinition(),
      id: '',
      listeners: [],
      flows: [{ request: [{ enabled: 'yes' }], selectors: [{ type: 'chanel' }] }],
      plans: [{ id: 'p', operations: ['read'] }],
    });
    const [ofBuilt, ofNow] = [wrong(), wrong()];
    const told = built.compileSchema(schema.DEFINITION_SCHEMA)(ofBuilt);
    expect(told.length).toBeGreaterThan(5);
    expect(told).toEqual(now.compileSchema(schema.DEFINITION_SCHEMA)(ofNow));
    expect(ofBuilt).toEqual(ofNow);
  });

  test('is there for every schema of every plugin', async () => {
    const discover = await import(join(ROOT, 'core/dist/runtime/discover.js'));
    const { prebuiltValidator } = await import(join(ROOT, 'core/dist/definition/prebuilt.js'));
    const { plugins } = await discover.discoverPlugins(discover.defaultPluginFolders());
    for (const { id, schema, sharedSchema, subscriptionSchema, files } of plugins) {
      for (const one of [schema, sharedSchema, subscriptionSchema, files?.schema]) {
        if (one !== undefined) expect(prebuiltValidator(one), id).toBeTypeOf('function');
      }
    }
  });
});
