import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { buildCli, folderWith, startCli } from '../support/cli.js';
import { apiDefinition } from '../support/gateway.js';

beforeAll(buildCli);

/** One POST on a connection of its own: connections are what is spread. Resolves with its status. */
function post(port: unknown): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: Number(port), path: '/test', method: 'POST', agent: false },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode));
      },
    );
    sent.on('error', reject).end('x');
  });
}

test('a connection that was on its way to a worker that is killed is served by another', async () => {
  const apis = await folderWith({ 'test.api.json': apiDefinition() });
  const cli = startCli(['start', '--apis', apis, '--port', '0', '--admin-port', '0', '--workers', '2']);
  const { port } = await cli.event('ready');
  const { pid } = cli.child;
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const [, worker = 0] = text.trim().split(' ').map(Number);
  // It takes nothing any more, and says nothing of it.
  process.kill(worker, 'SIGSTOP');
  let answered = 0;
  const statuses = Array.from({ length: 6 }, () =>
    post(port).then((status) => {
      answered++;
      return status;
    }),
  );
  await expect.poll(() => answered, { timeout: 5000 }).toBe(5);
  process.kill(worker, 'SIGKILL');
  expect(await Promise.all(statuses)).toEqual(Array(6).fill(202));
  cli.child.kill('SIGTERM');
  expect(await cli.ended()).toBe(0);
});
