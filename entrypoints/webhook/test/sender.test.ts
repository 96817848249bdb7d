import { expect, test } from 'vitest';
import { type SinkAnswer, webhookSink } from '../../../test/support/webhook-sink.js';
import { senderFor } from './sender-for.js';

test.each([
  [200, { ok: true }],
  [204, { ok: true }],
  [301, { ok: false, status: 301, perhapsTaken: false }],
  [404, { ok: false, status: 404, perhapsTaken: false }],
  [500, { ok: false, status: 500, perhapsTaken: false }],
])('an answer of %s', async (status, result) => {
  const sink = await webhookSink(() => status);
  expect(await senderFor({ subscriber: { callbackUrl: sink.url } })()).toMatchObject(result);
});

test('a callback that is not there, hangs, resets or answers no HTTP', async () => {
  const gone = await webhookSink();
  await gone.close();
  expect(await senderFor({ subscriber: { callbackUrl: gone.url } })()).toMatchObject({
    ok: false,
    perhapsTaken: false,
    detail: 'the callback could not be called (ECONNREFUSED)',
  });
  // Long enough for a busy machine, but where nothing else ends the call.
  const short = { connectTimeout: 50, readTimeout: 50 };
  const how: readonly (readonly [SinkAnswer, string, object?])[] = [
    [() => {}, 'the callback did not answer in time', short],
    [(_, __, request) => request.socket.destroy(), 'the callback could not be called (UND_ERR_SOCKET)'],
    [(_, __, request) => void request.socket.end('hello\r\n\r\n'), 'the callback could not be called ('],
  ];
  for (const [answer, detail, http = {}] of how) {
    const sink = await webhookSink(() => answer);
    const result = await senderFor({ subscriber: { callbackUrl: sink.url }, http })();
    expect(result).toMatchObject({ ok: false, perhapsTaken: true, detail: expect.stringContaining(detail) });
  }
});

test('an answer without an end, or that drips, counts by its head and holds nothing up', async () => {
  const endless = await webhookSink(() => (_, response) => {
    response.writeHead(200);
    const write = (): void => {
      if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(write);
    };
    response.on('drain', write);
    write();
  });
  expect(await senderFor({ subscriber: { callbackUrl: endless.url } })()).toEqual({ ok: true });
  const dripping = await webhookSink(() => (_, response) => void response.writeHead(200).write('x'));
  const http = { connectTimeout: 50, readTimeout: 100 };
  const begun = performance.now();
  expect(await senderFor({ subscriber: { callbackUrl: dripping.url }, http })()).toEqual({ ok: true });
  expect(performance.now() - begun).toBeLessThan(2000);
});

test('connections are used again', async () => {
  const ports = new Set<number | undefined>();
  const sink = await webhookSink(() => (_, response, request) => {
    ports.add(request.socket.remotePort);
    response.writeHead(200).end('thanks');
  });
  const send = senderFor({ subscriber: { callbackUrl: sink.url } });
  for (let call = 0; call < 5; call++) await send();
  expect(ports.size).toBeLessThan(5);
});
