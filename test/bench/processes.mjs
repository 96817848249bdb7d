import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const running = new Set();

/** Kills whatever still runs. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** A script of this folder in a process of its own; `line()` resolves with its next line. */
export function script(name, ...args) {
  return started([join(HERE, name), ...args.map(String)]);
}

function started(args, env = {}) {
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const lines = [];
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next(line);
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  void ended.then(() => running.delete(child));
  return {
    child,
    ended,
    line: () =>
      lines.length > 0 ? Promise.resolve(lines.shift()) : new Promise((resolve) => waiting.push(resolve)),
    tell: (text) => child.stdin.write(`${text}\n`),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A gateway of the built product with these definitions; `files` are further ones beside them. Resolves once it serves. */
export async function gateway(apis, files = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  for (const [index, api] of apis.entries())
    await writeFile(join(folder, `${index}.api.json`), JSON.stringify(api));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(content));
  const command = join(HERE, '..', '..', 'core', 'bin', 'sluice.mjs');
  const flags = ['--apis', folder, '--port', '0', '--admin-port', '0', '--strict', '--drain-timeout', '2s'];
  const process = started([command, 'start', ...flags]);
  for (;;) {
    const entry = JSON.parse(await process.line());
    if (entry.event === 'ready') return { ...process, port: entry.port };
  }
}

/** A definition of one path over a topic. */
export function definition(id, bootstrapServers, topic, more = {}) {
  return {
    id,
    name: id,
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [
      {
        type: 'http',
        paths: [{ path: `/${id}` }],
        entrypoints: [
          { type: 'http-post' },
          { type: 'sse', qos: 'none' },
          { type: 'websocket', qos: 'none' },
        ],
      },
    ],
    endpointGroups: [
      {
        name: 'kafka',
        type: 'kafka',
        sharedConfiguration: {
          producer: { enabled: true, topics: [topic] },
          // A mock cluster holds a fetch for the whole wait, as the floor's consumer knows too.
          consumer: { enabled: true, topics: [topic], autoOffsetReset: 'latest', fetchMaxWaitMs: 5 },
        },
        endpoints: [
          { name: 'kafka', type: 'kafka', inheritConfiguration: true, configuration: { bootstrapServers } },
        ],
      },
    ],
    ...more,
  };
}
