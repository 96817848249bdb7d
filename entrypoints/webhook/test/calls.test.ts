import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { Calls } from '../src/calls.js';

const TIMEOUT_MS = 300;
const agent = new Agent();
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A callback that answers nothing; `called` resolves at its first call. */
async function silent(): Promise<{ readonly origin: string; readonly called: Promise<void> }> {
  const silence = createServer();
  server = silence;
  const called = new Promise<void>((resolve) => silence.once('request', () => resolve()));
  await new Promise<void>((resolve) => silence.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(silence.address() as AddressInfo).port}`, called };
}

const post = (origin: string) => ({ origin, path: '/', headers: [], body: Buffer.from('x') });

test('each call has its whole time, though one timer watches over all', async () => {
  const { origin, called } = await silent();
  const calls = new Calls(agent, TIMEOUT_MS);
  const cut = new AbortController().signal;
  const ended = async () => {
    const begun = performance.now();
    await expect(calls.post(post(origin), cut)).rejects.toMatchObject({ code: 'TIMEOUT' });
    return performance.now() - begun;
  };
  const first = ended();
  await called;
  const second = ended();
  // Timers of node may be a millisecond early.
  for (const took of await Promise.all([first, second])) expect(took).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
});

test('what runs is cut at once, and nothing is begun after it', async () => {
  const { origin, called } = await silent();
  const calls = new Calls(agent, 60_000);
  const cut = new AbortController();
  const call = calls.post(post(origin), cut.signal);
  await called;
  cut.abort(new Error('cut'));
  await expect(call).rejects.toThrow('cut');
  await expect(calls.post(post(origin), cut.signal)).rejects.toThrow('cut');
});

test('a callback that sends what comes before an answer without an end is left', async () => {
  const early = createServer((_, response) => {
    const more = () => {
      if (response.destroyed || response.writableEnded) return;
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      setImmediate(more);
    };
    more();
  });
  server = early;
  await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(early.address() as AddressInfo).port}`;
  const call = new Calls(agent, 60_000).post(post(origin), new AbortController().signal);
  await expect(call).rejects.toThrow('too much came before the answer');
});
