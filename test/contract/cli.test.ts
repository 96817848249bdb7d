import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildCli, folderWith, runCli, startCli } from '../support/cli.js';
import { apiDefinition } from '../support/gateway.js';
import { placeholder } from '../support/placeholder.js';
import { pushApi } from '../support/push-api.js';
import { sseClient } from '../support/sse-client.js';

beforeAll(buildCli);

const FREE_PORTS = ['--port', '0', '--admin-port', '0'];

describe('sluice start', () => {
  const started = async (args: readonly string[] = [], env: Record<string, string> = {}) => {
    const apis = await folderWith({ 'test.api.json': apiDefinition() });
    const cli = startCli(['start', '--apis', apis, ...FREE_PORTS, ...args], env);
    const ready = await cli.event('ready');
    return {
      cli,
      ready,
      url: `http://127.0.0.1:${ready.port}`,
      adminUrl: `http://127.0.0.1:${ready.adminPort}`,
    };
  };

  test('writes the ready line once it serves, and every line is JSON', async () => {
    const { cli, ready, url, adminUrl } = await started();
    expect(ready).toMatchObject({
      event: 'ready',
      port: expect.any(Number),
      adminPort: expect.any(Number),
      apis: ['test'],
      level: 30,
    });
    expect(ready).not.toHaveProperty('embeddedKafka');
    expect((await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status).toBe(202);
    expect((await fetch(`${adminUrl}/health/ready`)).status).toBe(200);
    expect(cli.lines().length).toBeGreaterThan(0);
    expect(cli.stderr()).toBe('');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('tells its streams to go and exits 0 on %s', async (signal) => {
    const { cli, url } = await started();
    const client = await sseClient(`${url}/test`);
    cli.child.kill(signal);
    expect(await cli.ended(5000)).toBe(0);
    await client.ended();
    expect(client.text()).toContain('event: goaway');
    expect(await cli.event('stopped')).toBeDefined();
    expect(cli.lines().find(({ event }) => event === 'stopping')).toMatchObject({ signal });
  });

  test('exits within the drain timeout though a client reads nothing', async () => {
    const apis = await folderWith({
      'test.api.json': apiDefinition({
        configuration: { messageInterval: 0, messageContent: 'x'.repeat(10_000) },
      }),
    });
    const cli = startCli(['start', '--apis', apis, ...FREE_PORTS, '--drain-timeout', '2500ms']);
    const ready = await cli.event('ready');
    const response = await fetch(`http://127.0.0.1:${ready.port}/test`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(200);
    const began = performance.now();
    cli.child.kill('SIGTERM');
    expect(await cli.ended(10_000)).toBe(0);
    expect(performance.now() - began).toBeLessThan(4000);
    await response.body?.cancel().catch(() => undefined);
  });

  test('takes ports from the environment, and the command line wins', async () => {
    const apis = await folderWith({ 'a.api.json': apiDefinition({ id: 'a' }) });
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '0.0.0.0', resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' ? `${address?.port}` : '';
    const env = { SLUICE_PORT: port, SLUICE_ADMIN_PORT: '0' };
    const refused = await runCli(['start', '--apis', apis], env);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`gateway port: port ${port} on 0.0.0.0 is in use`);
    const cli = startCli(['start', '--apis', apis, '--port', '0'], env);
    expect(await cli.event('ready')).toMatchObject({ apis: ['a'] });
  });

  test('reads a configuration file', async () => {
    const folder = await folderWith({
      'test.api.json': apiDefinition(),
      'config.json': { http: { port: 0, host: '127.0.0.1', maxBodyBytes: 3 }, admin: { port: 0 } },
    });
    const cli = startCli(['start', '--apis', folder, '--config', `${folder}/config.json`]);
    const { port } = await cli.event('ready');
    const post = async (body: string) =>
      (await fetch(`http://127.0.0.1:${port}/test`, { method: 'POST', body })).status;
    expect([await post('123'), await post('1234')]).toEqual([202, 413]);
  });

  test('exits 1 with every reason when the configuration is wrong', async () => {
    const folder = await folderWith({ 'c.json': { http: { prot: 1, maxBodyBytes: 'many' }, strict: 3 } });
    const { code, stderr, stdout } = await runCli(['start', '--config', `${folder}/c.json`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('configuration $.http.prot: unknown member "prot"; did you mean "port"?');
    expect(stderr).toContain('configuration $.http.maxBodyBytes: must be an integer, not "many"');
    expect(stderr).toContain('configuration $.strict: must be a boolean, not 3');
  });

  test('starts with what can be deployed, and exits 1 with --strict and the place of each fault', async () => {
    const folder = await folderWith({
      'good.api.json': apiDefinition({ id: 'good' }),
      'bad.api.json': '{\n "id": "bad",\n}',
    });
    const cli = startCli(['start', '--apis', folder, ...FREE_PORTS]);
    expect(await cli.event('ready')).toMatchObject({ apis: ['good'] });
    const strict = await runCli(['start', '--apis', folder, ...FREE_PORTS, '--strict']);
    expect(strict.code).toBe(1);
    expect(strict.stderr).toMatch(/bad\.api\.json:3:1 {2}error {2}\$ {2}not valid JSON: /);
  });

  test('exits 1 and names the folder when there is none', async () => {
    const { code, stderr } = await runCli(['start', '--apis', '/no/such/folder', ...FREE_PORTS]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'API definitions: the folder /no/such/folder cannot be read (ENOENT); name one with --apis\n',
    });
  });
});

describe('wrong usage exits 2 and says what is wrong', () => {
  test.each([
    [[], 'Usage: sluice'],
    [['strat'], "unknown command 'strat'"],
    [['start', '--prot', '1'], "unknown option '--prot'"],
    [['start', '--port', 'many'], 'a whole number is needed'],
    [['start', '--port', '70000'], 'a port is 0 to 65535'],
    [['start', '--drain-timeout', 'soon'], 'a time is needed, such as 500ms, 10s or 2m'],
    [['start', '--log-level', 'loud'], 'Allowed choices are'],
    [['validate'], "missing required argument 'path'"],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('sluice validate', () => {
  test('prints file, line, column, severity, path and message of every problem, and exits 1', async () => {
    const folder = await folderWith({
      'bad.api.json': JSON.stringify(
        { ...apiDefinition({ qos: 'sometimes', endpoint: 'mokc' }), typo: 1, name: undefined },
        undefined,
        1,
      ),
      'good.api.json': apiDefinition(),
    });
    const { code, stdout, stderr } = await runCli([
      'validate',
      `${folder}/bad.api.json`,
      `${folder}/good.api.json`,
    ]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const lines = stdout.replaceAll(`${folder}/`, '').trimEnd().split('\n');
    expect(lines).toEqual([
      'bad.api.json:1:1  error  $  the member "name" is missing',
      'bad.api.json:38:2  warning  $.typo  unknown member "typo"; did you mean "type"?; it is ignored',
      'bad.api.json:19:6  error  $.listeners[0].entrypoints[1].qos  "sometimes" is not one of none, balanced, at-best, at-most-once, at-least-once, auto',
      'good.api.json: ok',
    ]);
  });

  test('checks against the installed plugins too', async () => {
    const folder = await folderWith({
      'bad.api.json': apiDefinition({ endpoint: 'mokc', sse: { heartbeatIntervalMs: 1 } }),
    });
    const { code, stdout } = await runCli(['validate', `${folder}/bad.api.json`]);
    expect(code).toBe(1);
    expect(stdout).toContain('no endpoint plugin "mokc" is installed; did you mean "mock"?');
    expect(stdout).toContain('unknown member "heartbeatIntervalMs"; did you mean "heartbeatIntervalInMs"?');
  });

  test('only warns of a variable that is not set here, and exits 0', async () => {
    const folder = await folderWith({
      'a.api.json': apiDefinition({ configuration: { messageContent: placeholder('NOT_SET_HERE') } }),
    });
    const { code, stdout } = await runCli(['validate', `${folder}/a.api.json`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/warning .* the environment variable NOT_SET_HERE is not set/);
    expect(stdout).toMatch(/a\.api\.json: ok\n$/);
    const strict = await runCli(['validate', folder, '--strict']);
    expect(strict.code).toBe(1);
    expect(strict.stdout).toMatch(/error .* the environment variable NOT_SET_HERE is not set/);
  });

  test('tells of a path and an id that an earlier file has', async () => {
    const folder = await folderWith({
      'a.api.json': apiDefinition({ id: 'a', path: '/same' }),
      'b.api.json': apiDefinition({ id: 'b', path: '/same/' }),
      'c.api.json': apiDefinition({ id: 'a', path: '/other' }),
    });
    const files = ['a', 'b', 'c'].map((name) => `${folder}/${name}.api.json`);
    const { code, stdout } = await runCli(['validate', ...files]);
    expect(code).toBe(1);
    expect(stdout).toContain('$.listeners[0].paths[0].path  the API "a" already listens on /same/');
    expect(stdout).toContain('$.id  an API with the id "a" is already deployed');
    expect(stdout).toContain('a.api.json: ok');
  });

  test('takes folders, and every kind of file in them', async () => {
    const consumer = { entrypointId: 'webhook', entrypointConfiguration: { callbackUrl: 'nowhere' } };
    const folder = await folderWith({
      'a.api.json': apiDefinition({ id: 'a' }),
      'hook.subscription.json': { api: 'nobody', consumerConfiguration: consumer },
      'keys.api-keys.json': { api: 'a', plan: 'gold', keys: [] },
      'group.policy-group.json': { steps: [] },
      'notes.json': 'not read',
    });
    const { code, stdout } = await runCli(['validate', folder]);
    expect(code).toBe(1);
    const lines = stdout.replaceAll(`${folder}/`, '').trimEnd().split('\n');
    expect(lines).toEqual([
      'a.api.json: ok',
      'group.policy-group.json:1:1  error  $  the member "id" is missing',
      'hook.subscription.json:1:2  error  $.api  no API with the id "nobody" is deployed',
      'keys.api-keys.json:1:12  warning  $.plan  the API "a" has no plan "gold"; the file is not used',
      'keys.api-keys.json: ok',
    ]);
  });

  test('warns of variables in the spelling of other products, in every kind of file', async () => {
    const headers = [{ name: 'authorization', value: 'Bearer $' + '{TOKEN}' }];
    const consumer = {
      entrypointId: 'webhook',
      entrypointConfiguration: { callbackUrl: 'https://a.example', headers },
    };
    const step = {
      policy: 'transform-headers',
      configuration: { addHeaders: [{ name: 'x', value: '{{REGION}}' }] },
    };
    const folder = await folderWith({
      'push.api.json': pushApi({ endpoints: ['mock'] }),
      's.subscription.json': { api: 'push', consumerConfiguration: consumer },
      'g.policy-group.json': { id: 'g', steps: [step] },
    });
    const { code, stdout } = await runCli(['validate', folder]);
    expect(code).toBe(0);
    expect(stdout).toContain(`s.subscription.json:1:`);
    expect(stdout).toContain(`did you mean ${placeholder('TOKEN')}?`);
    expect(stdout).toContain(`did you mean ${placeholder('REGION')}?`);
  });

  test('gives a path to the first file that is sound, as a start does', async () => {
    const folder = await folderWith({
      '1.api.json': apiDefinition({ id: 'broken', path: '/same', endpoint: 'nothing' }),
      '2.api.json': apiDefinition({ id: 'sound', path: '/same' }),
    });
    const { stdout } = await runCli(['validate', `${folder}/2.api.json`, `${folder}/1.api.json`]);
    expect(stdout).toContain('2.api.json: ok');
    expect(stdout).not.toContain('already listens');
  });

  test('knows what the configuration file sets', async () => {
    const step = { policy: 'transform-headers', configuration: { addHeaders: [] } };
    const value = "{#secrets.get('/file/token')}";
    step.configuration.addHeaders = [{ name: 'x', value }] as never;
    const folder = await folderWith({
      'a.api.json': { ...apiDefinition({ id: 'a' }), flows: [{ request: [step] }] },
      'config.json': { secretsDir: '/run/secrets' },
    });
    expect((await runCli(['validate', folder])).stdout).toContain('no provider of secrets "file"');
    const known = await runCli(['validate', folder, '--config', `${folder}/config.json`]);
    expect(known).toMatchObject({ code: 0, stdout: `${folder}/a.api.json: ok\n` });
  });

  test('names a file that cannot be read, and still checks the others', async () => {
    const folder = await folderWith({ 'good.api.json': apiDefinition() });
    const { code, stdout } = await runCli(['validate', `${folder}/none.json`, `${folder}/good.api.json`]);
    expect(code).toBe(1);
    expect(stdout).toContain('none.json  error  $  the file cannot be read (ENOENT)');
    expect(stdout).toContain('good.api.json: ok');
  });

  test('has nothing to say against the samples of this repository', async () => {
    const samples = readdirSync('api-definitions').filter((name) => name.endsWith('.api.json'));
    expect(samples.length).toBeGreaterThan(0);
    const { code, stdout } = await runCli(['validate', ...samples.map((name) => `api-definitions/${name}`)]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: samples.map((name) => `api-definitions/${name}: ok\n`).join(''),
    });
  });
});

test('sluice version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync('core/package.json', 'utf8')) as { version: string };
  expect(await runCli(['version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('sluice --version does too', async () => {
  const { code, stdout } = await runCli(['--version']);
  expect([code, stdout]).toEqual([0, (await runCli(['version'])).stdout]);
});

test('sluice --help exits 0 and names the commands', async () => {
  const { code, stdout } = await runCli(['--help']);
  expect(code).toBe(0);
  for (const command of ['start', 'validate', 'schema', 'version']) expect(stdout).toContain(command);
});

describe('sluice api-key', () => {
  test('makes a key whose entry a file takes, shows the key apart and does not keep it', async () => {
    const { code, stdout, stderr } = await runCli(['api-key', 'shop']);
    expect(code).toBe(0);
    const key = /shown once: (\S{43})\n/.exec(stderr)?.[1] ?? '';
    const entry = JSON.parse(stdout) as { readonly id: string; readonly sha256: string };
    expect(entry).toEqual({ id: 'shop', sha256: createHash('sha256').update(key).digest('hex') });
    const folder = await folderWith({
      'good.api-keys.json': { api: 'a', plan: 'p', keys: [entry] },
      'bad.api-keys.json': { api: 'a', plan: 'p', keys: [{ id: 'shop', sha265: entry.sha256 }] },
    });
    const files = ['good', 'bad'].map((name) => `${folder}/${name}.api-keys.json`);
    const checked = await runCli(['validate', ...files]);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(`${files[0]}: ok`);
    expect(checked.stdout).toMatch(
      /bad\.api-keys\.json:1:\d+ .*\$\.keys\[0\]\.sha265 .*did you mean "sha256"/,
    );
  });

  test('gives the entry of a key that is there already', async () => {
    const { stdout, stderr } = await runCli(['api-key', 'shop', '--key', 'abc']);
    expect(JSON.parse(stdout).sha256).toBe(createHash('sha256').update('abc').digest('hex'));
    expect(stderr).toBe('');
  });
});
