import { beforeAll, expect, test } from 'vitest';
import { buildCli, folderWith, startCli } from '../support/cli.js';
import { apiDefinition } from '../support/gateway.js';

beforeAll(buildCli);

/**
 * A path that no API listens on sent the router round and round: `lastIndexOf` with a negative position looks at
 * position 0, so the search never got past the root, and one request stopped the whole process. In a process of
 * its own, because nothing else in a process that hangs like this can say so.
 */
test('a request to an unknown path is answered, and so is the next one', async () => {
  const apis = await folderWith({ 'test.api.json': apiDefinition() });
  const cli = startCli(['start', '--apis', apis, '--port', '0', '--admin-port', '0']);
  const { port } = await cli.event('ready');
  const status = async (path: string, init: RequestInit = {}) => {
    const signal = AbortSignal.timeout(3000);
    return (await fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal })).status;
  };
  expect(await status('/unknown')).toBe(404);
  expect(await status('/test', { method: 'POST', body: 'x' })).toBe(202);
});
