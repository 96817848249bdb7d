import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Whether Debian's Chromium is there; in CI it must be. */
export function hasBrowser(): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v chromium'], { stdio: 'ignore' });
    return true;
  } catch {
    return process.env.CI === 'true';
  }
}

/** A page open in a browser. */
export interface BrowserPage {
  /** Of the page, as its requests have it. */
  readonly origin: string;
  /** What the page has told so far by `tell(value)`, in order. */
  readonly told: readonly unknown[];
  /** Opens the page: a module script, with `tell` at hand. */
  open(script: string): Promise<void>;
}

/** A server of one page on 127.0.0.1, and a headless browser to open it with. */
export async function browserPage(): Promise<BrowserPage> {
  let page = '';
  const told: unknown[] = [];
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(page);
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      told.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    origin,
    told,
    async open(script) {
      // One after the other, so that they arrive in the order they are told.
      const tell = `let last; const tell = (value) => (last = Promise.resolve(last).then(() => fetch('/', { method: 'POST', body: JSON.stringify(value) })));`;
      const fail = `addEventListener('unhandledrejection', ({ reason }) => tell({ failed: String(reason) }));`;
      page = `<!doctype html><script type="module">${tell}${fail}${script}</script>`;
      const profile = await mkdtemp(join(tmpdir(), 'sluice-browser-'));
      const flags = [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--no-zygote',
        '--disable-crash-reporter',
        '--disable-breakpad',
        `--user-data-dir=${profile}`,
      ];
      const browser = spawn('chromium', [...flags, origin], { stdio: 'ignore', detached: true });
      onTestFinished(async () => {
        // Its helpers are a group of their own.
        if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      });
    },
  };
}
