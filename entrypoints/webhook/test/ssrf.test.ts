import { expect, test } from 'vitest';
import { webhookSink } from '../../../test/support/webhook-sink.js';
import type { Lookup } from '../src/resolver.js';
import { senderFor } from './sender-for.js';

const REFUSED = { ok: false, perhapsTaken: false, detail: expect.stringContaining('may not be called') };

test.each([
  '127.0.0.1',
  'localhost',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '127.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '0.0.0.0',
])('a callback on %s reaches nothing unless the operator opens it', async (host) => {
  const sink = await webhookSink();
  const send = senderFor({ subscriber: { callbackUrl: `http://${host}:${sink.port}/` }, allow: [] });
  expect(await send()).toMatchObject(REFUSED);
  expect(sink.calls).toEqual([]);
});

test('a name that resolves to a private address at the moment of the connection is refused, whatever it did before', async () => {
  const sink = await webhookSink();
  let asked = 0;
  // A first answer that would pass a check made before the call; the call itself gets the second.
  const rebinding: Lookup = (_host, _options, done) => {
    const address = asked++ === 0 ? '127.0.0.1' : '127.0.0.2';
    done(null, [{ address, family: 4 }]);
  };
  const send = senderFor({
    subscriber: { callbackUrl: `http://rebind.example:${sink.port}/` },
    allow: ['127.0.0.1'],
    lookup: rebinding,
    http: { idleTimeout: 1 },
  });
  expect(await send()).toEqual({ ok: true });
  expect(asked).toBe(1);
  sink.calls.length;
  await new Promise<void>((resolve) => setImmediate(resolve));
  await sink.close();
  expect(await send()).toMatchObject(REFUSED);
});

test('a host that is opened by its name is reached, and its address by another name is not', async () => {
  const sink = await webhookSink();
  const lookup: Lookup = (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
  const to = (host: string) =>
    senderFor({
      subscriber: { callbackUrl: `http://${host}:${sink.port}/` },
      allow: ['inside.example'],
      lookup,
    })();
  expect(await to('inside.example')).toEqual({ ok: true });
  expect(await to('outside.example')).toMatchObject(REFUSED);
  expect(sink.calls).toHaveLength(1);
});

test('a token endpoint is held to the same', async () => {
  const identity = await webhookSink();
  const oauth2 = { endpoint: `http://127.0.0.1:${identity.port}/`, clientId: 'a', clientSecret: 'b' };
  const send = senderFor({
    subscriber: { callbackUrl: 'http://example.com/', auth: { type: 'oauth2', oauth2 } },
    allow: [],
  });
  expect(await send()).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/^the token endpoint cannot be reached: it has no public address/),
  });
  expect(identity.calls).toEqual([]);
});

test('through a proxy the target is checked too, and a name reaches the proxy as the address that was checked', async () => {
  const asked: string[] = [];
  const tunnel = (host: string, port: number) => {
    asked.push(`${host}:${port}`);
    return Promise.reject(Object.assign(new Error('no'), { code: 'ERR_PROXY' }));
  };
  const lookup: Lookup = (host, _options, done) =>
    done(null, [{ address: host === 'good.example' ? '1.1.1.1' : '10.0.0.1', family: 4 }]);
  const to = (host: string) =>
    senderFor({
      subscriber: { callbackUrl: `https://${host}/` },
      allow: ['named.example'],
      lookup,
      tunnel,
    })();
  expect(await to('bad.example')).toMatchObject(REFUSED);
  expect(await to('10.0.0.1')).toMatchObject(REFUSED);
  expect(await to('good.example')).toMatchObject({ ok: false, perhapsTaken: false });
  await to('named.example');
  expect(asked).toEqual(['1.1.1.1:443', 'named.example:443']);
});
