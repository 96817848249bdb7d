import { describe, expect, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { scrape } from '../support/prometheus.js';

const json = async (url: string) => (await fetch(url)).json();

describe('a definition that is not served is seen', () => {
  const FOLDER = {
    'good.api.json': apiDefinition({ id: 'good' }),
    'wrong.api.json': apiDefinition({ id: 'wrong', endpoint: 'nothing' }),
    'cut.api.json': '{',
    'rests.api.json': { ...apiDefinition({ id: 'rests' }), state: 'STOPPED' },
  };

  test('on the management port, with its file and the reason; readiness stays', async () => {
    const { adminUrl } = await startTestGateway({ folder: await folderWith(FOLDER) });
    const details = (await json(`${adminUrl}/health/details`)) as { apis: Record<string, unknown>[] };
    expect(details).toMatchObject({ status: 'degraded' });
    expect(details.apis.map(({ id, state }) => [id, state])).toEqual([
      ['good', 'served'],
      [undefined, 'failed'],
      ['rests', 'stopped'],
      ['wrong', 'failed'],
    ]);
    expect(await json(`${adminUrl}/apis`)).toEqual(details.apis);
    expect(await json(`${adminUrl}/apis/wrong`)).toMatchObject({
      file: expect.stringMatching(/wrong\.api\.json$/),
      reasons: [expect.stringContaining('no endpoint plugin "nothing" is installed')],
    });
    const ready = await fetch(`${adminUrl}/health/ready`);
    expect(ready.status).toBe(200);
    expect(((await ready.json()) as { apis: unknown[] }).apis).toHaveLength(1);
  });

  test('in a metric', async () => {
    const { adminUrl } = await startTestGateway({ folder: await folderWith(FOLDER) });
    const samples = (await scrape(adminUrl)).get('sluice_apis')?.samples.get('sluice_apis') ?? [];
    expect(samples.map(({ labels, value }) => [labels.sluice_api, labels.state, value])).toEqual([
      ['good', 'served', 1],
      [expect.stringMatching(/cut\.api\.json$/), 'failed', 1],
      ['rests', 'stopped', 1],
      ['wrong', 'failed', 1],
    ]);
  });

  test('until it is deployed', async () => {
    const { gateway, adminUrl } = await startTestGateway({ apis: [apiDefinition({ id: 'a' })] });
    expect(gateway.unserved).toEqual([]);
    expect(await json(`${adminUrl}/health/details`)).toMatchObject({ status: 'up' });
  });
});

describe('a start with no definition', () => {
  const said = async (options: { readonly folder?: string }) => {
    const { log } = await startTestGateway(options);
    return log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  };

  test('says that no folder is named', async () => {
    expect(await said({})).toEqual(['there is no definition to serve: name their folder with --apis']);
  });

  test('says that a folder has none', async () => {
    const folder = await folderWith({ 'orders.json': apiDefinition() });
    const expected = `there is no definition to serve: ${folder} has no file whose name ends in .api.json`;
    expect(await said({ folder })).toEqual([expected]);
  });

  test('says nothing where there is one, even a broken one', async () => {
    expect(await said({ folder: await folderWith({ 'a.api.json': '{' }) })).toEqual([]);
  });
});
