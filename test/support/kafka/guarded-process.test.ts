import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { spawnGuarded } from './guarded-process.js';

describe('a guarded process', () => {
  it('is killed and its folder removed when the process that started it dies', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-guard-'));
    const { child, exited } = spawnGuarded('sleep', ['60'], { stdout: 'pipe', stderr: 'pipe', folder });
    // What the kernel does with the pipe at the death of its holder.
    child.stdio[3]?.destroy();
    expect(await exited).toBe('SIGKILL');
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false));
  });

  it('leaves its folder alone once it is released', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-guard-'));
    const { exited, release } = spawnGuarded('sh', ['-c', 'exit 3'], {
      stdout: 'pipe',
      stderr: 'pipe',
      folder,
    });
    expect(await exited).toBe('code 3');
    release();
    await vi.waitFor(() => expect(guardsOf(folder)).toBe(''));
    expect(existsSync(folder)).toBe(true);
    await rm(folder, { recursive: true });
  });
});

/** The command lines that name this folder. */
function guardsOf(folder: string): string {
  const { stdout } = spawnSync('ps', ['-eo', 'args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line.includes(folder))
    .join('\n');
}
