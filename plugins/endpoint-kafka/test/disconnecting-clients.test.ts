import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./disconnecting-clients.mjs', import.meta.url));

test.each([
  ['producer', '20'],
  ['consumer', '3'],
])(
  'a %s that is used while it disconnects on another thread does not end the process',
  async (kind, rounds) => {
    const run = promisify(execFile)(process.execPath, [SCRIPT, kind, rounds], { timeout: 60_000 });
    expect(await run).toMatchObject({ stdout: 'survived\n' });
  },
);
