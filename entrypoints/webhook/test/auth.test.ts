import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { type WebhookSink, webhookSink } from '../../../test/support/webhook-sink.js';
import { senderFor } from './sender-for.js';

/** A token endpoint that numbers its tokens. */
const identityProvider = (more: object = {}, status = 200) => {
  let given = 0;
  return webhookSink(() => (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: `token-${++given}`, token_type: 'Bearer', ...more }));
  });
};
const authorizations = (sink: WebhookSink) => sink.calls.map(({ headers }) => headers.authorization);

test.each([
  [{ type: 'none' }, undefined],
  [
    { type: 'basic', basic: { username: 'ann', password: 'ü:x' } },
    `Basic ${Buffer.from('ann:ü:x').toString('base64')}`,
  ],
  [{ type: 'token', token: { value: 'abc' } }, 'Bearer abc'],
])('authentication %j', async (auth, header) => {
  const sink = await webhookSink();
  await senderFor({ subscriber: { callbackUrl: sink.url, auth } })();
  expect(authorizations(sink)).toEqual([header]);
});

test('client credentials in the form: one token for many calls at a time', async () => {
  const identity = await identityProvider({ expires_in: 3600 });
  const sink = await webhookSink();
  const oauth2 = { endpoint: identity.url, clientId: 'me', clientSecret: 's&1', scopes: ['a', 'b'] };
  const send = senderFor({ subscriber: { callbackUrl: sink.url, auth: { type: 'oauth2', oauth2 } } });
  await Promise.all([send(), send(), send()]);
  await send();
  expect(authorizations(sink)).toEqual(Array(4).fill('Bearer token-1'));
  expect(identity.calls.map(({ body }) => body.toString())).toEqual([
    'grant_type=client_credentials&client_id=me&client_secret=s%261&scope=a+b',
  ]);
});

test('client credentials by HTTP Basic', async () => {
  const identity = await identityProvider();
  const sink = await webhookSink();
  const oauth2 = {
    endpoint: identity.url,
    clientId: 'm e',
    clientSecret: 's:1',
    clientAuthentication: 'basic',
  };
  await senderFor({ subscriber: { callbackUrl: sink.url, auth: { type: 'oauth2', oauth2 } } })();
  const [call] = identity.calls;
  expect(call?.headers.authorization).toBe(`Basic ${Buffer.from('m+e:s%3A1').toString('base64')}`);
  expect(call?.body.toString()).toBe('grant_type=client_credentials');
});

test('a refused token is replaced once, and the call repeated at once', async () => {
  const identity = await identityProvider();
  const sink = await webhookSink(({ headers }) => (headers.authorization === 'Bearer token-1' ? 401 : 200));
  const oauth2 = { endpoint: identity.url, clientId: 'me', clientSecret: 's' };
  const send = senderFor({ subscriber: { callbackUrl: sink.url, auth: { type: 'oauth2', oauth2 } } });
  expect(await send()).toEqual({ ok: true });
  expect(authorizations(sink)).toEqual(['Bearer token-1', 'Bearer token-2']);
  sink.answer = () => 401;
  expect(await send()).toMatchObject({ ok: false, status: 401 });
  expect(authorizations(sink)).toHaveLength(4);
});

test('a fixed credential that is refused is not sent again', async () => {
  const sink = await webhookSink(() => 401);
  await senderFor({
    subscriber: { callbackUrl: sink.url, auth: { type: 'token', token: { value: 'x' } } },
  })();
  expect(sink.calls).toHaveLength(1);
});

test('without a token the callback is never called', async () => {
  const identity = await identityProvider({}, 401);
  const sink = await webhookSink();
  const oauth2 = { endpoint: identity.url, clientId: 'me', clientSecret: 's' };
  const send = senderFor({ subscriber: { callbackUrl: sink.url, auth: { type: 'oauth2', oauth2 } } });
  expect(await send()).toEqual({
    ok: false,
    status: 401,
    perhapsTaken: false,
    answered: false,
    detail: 'the token endpoint answered 401',
  });
  expect(sink.calls).toEqual([]);
});

test('a client assertion, signed by RSA', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const identity = await identityProvider();
  const sink = await webhookSink();
  const jwtProfileOauth2 = {
    issuer: 'iss',
    subject: 'sub',
    audience: identity.url,
    expirationTime: 2,
    expirationTimeUnit: 'MINUTES',
    keyId: 'k1',
    keySource: 'PEM',
    keyContent: privateKey.export({ type: 'pkcs1', format: 'pem' }),
    customClaims: [{ name: 'team', value: 'blue' }],
  };
  const auth = { type: 'jwtProfileOauth2', jwtProfileOauth2 };
  expect(await senderFor({ subscriber: { callbackUrl: sink.url, auth } })()).toEqual({ ok: true });
  expect(authorizations(sink)).toEqual(['Bearer token-1']);
  const form = new URLSearchParams(identity.calls[0]?.body.toString());
  expect(form.get('grant_type')).toBe('client_credentials');
  expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
    issuer: 'iss',
    audience: identity.url,
  });
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' });
  expect(payload).toMatchObject({ sub: 'sub', team: 'blue', jti: expect.any(String) });
  expect(Number(payload.exp) - Number(payload.iat)).toBe(120);
});

test('a client assertion, signed by a secret, posted to an endpoint of its own', async () => {
  const secret = Buffer.alloc(32, 9);
  const identity = await identityProvider();
  const sink = await webhookSink();
  const jwtProfileOauth2 = {
    issuer: 'iss',
    subject: 'sub',
    audience: 'urn:idp',
    endpoint: identity.url,
    signatureAlgorithm: 'HMAC_HS256',
    secretBase64Encoded: true,
    keyContent: secret.toString('base64'),
  };
  const auth = { type: 'jwtProfileOauth2', jwtProfileOauth2 };
  expect(await senderFor({ subscriber: { callbackUrl: sink.url, auth } })()).toEqual({ ok: true });
  const form = new URLSearchParams(identity.calls[0]?.body.toString());
  const { payload } = await jwtVerify(form.get('client_assertion') ?? '', secret, { audience: 'urn:idp' });
  expect(payload.iss).toBe('iss');
});
