import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@sluice/core/testing';
import { beforeAll, expect, test } from 'vitest';
import { buildCli, folderWith, startCli } from '../support/cli.js';
import { apiDefinition } from '../support/gateway.js';

beforeAll(buildCli);

/** A policy whose faults come where nothing can catch them: in a timer, and in a promise that nobody holds. */
const EVIL = `export default {
  kind: 'policy', id: 'late', phases: ['request'], schema: { type: 'object' },
  create: () => ({
    onRequest() {
      setImmediate(() => { throw new Error('thrown late'); });
      void Promise.reject(new Error('rejected late'));
    },
  }),
};`;

test.each([[[]], [['--workers', '2']]])(
  'what nothing catches is logged and counted, and ends nothing (%j)',
  async (more) => {
    const api = { ...apiDefinition(), flows: [{ request: [{ policy: 'late' }] }] };
    const apis = await folderWith({ 'test.api.json': api, 'good.api.json': apiDefinition({ id: 'good' }) });
    const plugins = await folderWith({});
    await mkdir(join(plugins, 'late'));
    const manifest = { name: 'late', version: '1.0.0', type: 'module', sluice: './index.js' };
    await writeFile(join(plugins, 'late', 'package.json'), JSON.stringify(manifest));
    await writeFile(join(plugins, 'late', 'index.js'), EVIL);
    const cli = startCli([
      'start',
      '--apis',
      apis,
      '--plugins',
      plugins,
      '--port',
      '0',
      '--admin-port',
      '0',
      ...more,
    ]);
    const { port, adminPort } = await cli.event('ready');
    const post = async (path: string) =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: 'x' })).status;
    expect(await post('/test')).toBe(202);
    const escaped = () => cli.lines().filter(({ event }) => event === 'escaped-error');
    await until(() => escaped().length === 2, 5000, 'both in the log');
    expect(
      escaped()
        .map(({ err }) => (err as { message: string }).message)
        .sort(),
    ).toEqual(['rejected late', 'thrown late']);
    expect(await post('/good')).toBe(202);
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    expect(metrics).toContain('sluice_errors_escaped_total 2');
    cli.child.kill('SIGTERM');
    expect(await cli.ended()).toBe(0);
  },
);
