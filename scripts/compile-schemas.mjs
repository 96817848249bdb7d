import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { GATEWAY_CONFIG_SCHEMA } from '../core/dist/config/gateway-config.js';
import { POLICY_GROUP_SCHEMA } from '../core/dist/definition/policy-group.js';
import { AJV_OPTIONS, prebuiltModule } from '../core/dist/definition/prebuilt.js';
import { DEFINITION_SCHEMA } from '../core/dist/definition/schema.js';
import { defaultPluginFolders, discoverPlugins } from '../core/dist/runtime/discover.js';
import { NOTHING } from '../core/dist/runtime/registry.js';
import { WISH_SCHEMA } from '../core/dist/subscription/read-wish.js';
import { RECORD_SCHEMA, STATE_SCHEMA } from '../core/dist/subscription/stored-record.js';
import { ROOT } from './lib/run.mjs';

/**
 * Makes a module of each JSON Schema of the product, so that a start has none to compile: core/dist/prebuilt. It is part of
 * the build, after the compiler; without it everything works, and a start takes longer.
 */
const require = createRequire(join(ROOT, 'core', 'package.json'));
const { Ajv } = require('ajv');
const { default: standaloneCode } = require('ajv/dist/standalone');

const { plugins, failures } = await discoverPlugins(defaultPluginFolders());
for (const { folder, reason } of failures)
  throw new Error(`the plugin in ${folder} cannot be loaded: ${reason}`);
const ofPlugins = plugins.flatMap(({ schema, sharedSchema, subscriptionSchema, files }) =>
  [schema, sharedSchema, subscriptionSchema, files?.schema].filter((one) => one !== undefined),
);
const ofCore = [
  DEFINITION_SCHEMA,
  GATEWAY_CONFIG_SCHEMA,
  NOTHING,
  POLICY_GROUP_SCHEMA,
  RECORD_SCHEMA,
  STATE_SCHEMA,
  WISH_SCHEMA,
];
const wanted = new Map([...ofCore, ...ofPlugins].map((schema) => [prebuiltModule(schema), schema]));
const folder = dirname(prebuiltModule(NOTHING));
await mkdir(folder, { recursive: true });
const there = new Set((await readdir(folder)).map((name) => join(folder, name)));
for (const [module, schema] of wanted) {
  if (there.has(module)) continue;
  const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true } });
  // Renamed, because another process may be looking for it.
  const draft = join(folder, `.${process.pid}-${basename(module)}`);
  await writeFile(draft, standaloneCode(ajv, ajv.compile(schema)));
  await rename(draft, module);
}
for (const module of there) {
  if (!wanted.has(module)) await rm(module, { force: true });
}
