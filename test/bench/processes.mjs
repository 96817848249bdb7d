import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const running = new Set();
/** Of `/proc/PID/stat`, in which times are counted; Linux has had no other since long. */
const TICKS_PER_SECOND = 100;
let profiles;

/** From now on each gateway writes a CPU profile into this folder when it stops. */
export function profileInto(folder) {
  profiles = folder;
}

/** Kills whatever still runs, but for one. */
export function killAll({ but } = {}) {
  for (const child of running) if (child !== but?.child) child.kill('SIGKILL');
}

/** A script of this folder in a process of its own; `line()` resolves with its next line, and rejects when it ends first. */
export function script(name, ...args) {
  return launched(process.execPath, [join(HERE, name), ...args.map(String)]);
}

/** Any program, as `script` does it. `env` is beside this process's own. */
export function launched(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const lines = [];
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next.resolve(line);
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  void ended.then((code) => {
    running.delete(child);
    for (const { reject } of waiting.splice(0)) reject(new Error(`${args.join(' ')} ended with ${code}`));
  });
  return {
    child,
    ended,
    cpuMs: () => cpuMs(child.pid),
    rssKiB: () => rssKiB(child.pid),
    threads: () => readdirSync(`/proc/${child.pid}/task`).length,
    line: () =>
      lines.length > 0
        ? Promise.resolve(lines.shift())
        : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    tell: (text) => child.stdin.write(`${text}\n`),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The CPU time of a process, all its threads together, milliseconds. */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const members = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(members[11]) + Number(members[12])) * 1000) / TICKS_PER_SECOND;
}

function rssKiB(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

/**
 * A gateway of the built product with these definitions. Resolves once it serves.
 * @param files further ones beside them
 * @param node arguments of node itself
 * @param env beside this process's own
 */
export async function gateway(apis, files = {}, { node = [], env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  for (const [index, api] of apis.entries())
    await writeFile(join(folder, `${index}.api.json`), JSON.stringify(api));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(content));
  const command = join(HERE, '..', '..', 'core', 'bin', 'sluice.mjs');
  const flags = ['--apis', folder, '--port', '0', '--admin-port', '0', '--strict', '--drain-timeout', '2s'];
  const profile = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const begun = performance.now();
  const child = launched(process.execPath, [...profile, ...node, command, 'start', ...flags], env);
  for (;;) {
    const entry = JSON.parse(await child.line());
    if (entry.event !== 'ready') continue;
    const { port, adminPort } = entry;
    return { ...child, port, adminPort, startMs: performance.now() - begun };
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
