import { describe, expect, test } from 'vitest';
import { folderWith } from '../../../test/support/cli.js';
import { readConfig } from '../../src/config/read-config.js';

async function fileOf(content: unknown): Promise<string> {
  const folder = await folderWith({
    'c.json': typeof content === 'string' ? content : JSON.stringify(content),
  });
  return `${folder}/c.json`;
}

test('without file, environment and command line the defaults hold', async () => {
  expect(await readConfig({}, {})).toEqual({
    http: {
      host: '0.0.0.0',
      port: 8082,
      maxBodyBytes: 10_485_760,
      maxHeaderBytes: 16_384,
      bodyTimeoutMs: 30_000,
      headersTimeoutMs: 10_000,
      keepAliveTimeoutMs: 65_000,
      requestTimeoutMs: 30_000,
      maxConnections: 20_000,
    },
    admin: { host: '127.0.0.1', port: 18_082, names: [] },
    workers: 1,
    plugins: [],
    telemetry: { metrics: true },
    webhook: { allowTargets: [] },
    strict: false,
    tags: [],
    drainTimeoutMs: 10_000,
    logLevel: 'info',
  });
});

describe('which value wins', () => {
  test('the command line over the environment over the file', async () => {
    const config = await fileOf({ http: { port: 1 }, admin: { port: 2 } });
    const environment = { SLUICE_PORT: '3', SLUICE_ADMIN_PORT: '4' };
    const ports = async (...from: Parameters<typeof readConfig>) => {
      const { http, admin } = await readConfig(...from);
      return [http.port, admin.port];
    };
    expect(await ports({ config }, {})).toEqual([1, 2]);
    expect(await ports({ config }, environment)).toEqual([3, 4]);
    expect(await ports({ config, port: 0, adminPort: 6 }, environment)).toEqual([0, 6]);
  });

  test('an empty variable is not set', async () => {
    expect((await readConfig({}, { SLUICE_PORT: '' })).http.port).toBe(8082);
  });

  test('the other members of the file stay', async () => {
    const config = await fileOf({ http: { maxBodyBytes: 5 }, apis: 'x', strict: true, logLevel: 'debug' });
    const read = await readConfig({ config, port: 9, apis: 'y', strict: false }, {});
    expect(read).toMatchObject({
      http: { maxBodyBytes: 5, port: 9 },
      apis: 'y',
      strict: false,
      logLevel: 'debug',
    });
  });
});

describe('every problem is told, each with its path', () => {
  test('of the values', async () => {
    const config = await fileOf({
      http: { port: 70_000, maxbodybytes: 1 },
      logLevel: 'trace',
      plugins: [{}],
    });
    await expect(readConfig({ config, drainTimeoutMs: -1 }, { SLUICE_ADMIN_PORT: 'many' })).rejects.toThrow(
      new Error(
        [
          'configuration $.http.maxbodybytes: unknown member "maxbodybytes"; did you mean "maxBodyBytes"?',
          'configuration $.http.port: must be <= 65535 (it is 70000)',
          'configuration $.admin.port: must be an integer, not "many"',
          'configuration $.plugins[0]: must be a string, not an object',
          'configuration $.drainTimeoutMs: must be >= 0 (it is -1)',
          'configuration $.logLevel: "trace" is not one of debug, info, warn, error',
        ].join('\n'),
      ),
    );
  });

  test('of a file that is no JSON, with line and column', async () => {
    const config = await fileOf('{\n "http": {,}\n}');
    await expect(readConfig({ config }, {})).rejects.toThrow(/c\.json:2:11 {2}error {2}\$ {2}/);
  });

  test('of a file that is no object', async () => {
    const config = await fileOf('[]');
    await expect(readConfig({ config }, {})).rejects.toThrow('must hold a JSON object');
  });

  test('of a section that is no object', async () => {
    const config = await fileOf({ http: 8082 });
    await expect(readConfig({ config }, {})).rejects.toThrow(
      'configuration $.http: must be an object, not 8082',
    );
  });

  test('of a file that cannot be read', async () => {
    await expect(readConfig({ config: '/no/such.json' }, {})).rejects.toThrow(
      'the configuration file /no/such.json cannot be read (ENOENT)',
    );
  });
});

test('what callbacks may reach is a list in the file, or in the environment', async () => {
  const { webhook } = await readConfig(
    {},
    { SLUICE_WEBHOOK_ALLOW_TARGETS: ' 10.0.0.0/8, intranet.example ,,' },
  );
  expect(webhook.allowTargets).toEqual(['10.0.0.0/8', 'intranet.example']);
  await expect(readConfig({}, { SLUICE_WEBHOOK_ALLOW_TARGETS: 'http://x' })).rejects.toThrow(
    'configuration $.webhook.allowTargets[0]',
  );
});
