import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { answerOf, planGateway } from '../support/plans.js';
import { parseSse } from '../support/sse-parser.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SECRET = 'a secret of at least thirty-two bytes';
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const plan = (configuration: object, rest: object = {}) => ({
  id: 'gold',
  security: { type: 'JWT', configuration },
  ...rest,
});
const rsaPlan = (more: object = {}) =>
  plan({ signature: 'RSA_RS256', resolverParameter: pem(rsa.publicKey), ...more });
const soon = () => Math.floor(Date.now() / 1000) + 60;

/** A token of the RSA key, unless told otherwise. */
function token(
  claims: object = {},
  { key = rsa.privateKey as KeyObject | Uint8Array, alg = 'RS256', kid = '' } = {},
) {
  const payload = { sub: 'ada', exp: soon(), ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg, ...(kid === '' ? {} : { kid }) }).sign(key);
}
const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
const INVALID = [401, 'JWT_INVALID_TOKEN', 'Bearer realm="orders", error="invalid_token"'];
const TAKEN = [202, '', null];

describe('a token', () => {
  const audience = ['orders', 'events'];
  const strict = {
    issuer: 'https://id.example',
    audience,
    clockSkewSeconds: 5,
    tokenTypValidation: { enabled: false },
  };
  const good = { iss: 'https://id.example', aud: 'events' };

  test.each([
    ['that is good', () => token(good), TAKEN],
    ['that expired a moment ago', () => token({ ...good, exp: soon() - 63 }), TAKEN],
    ['that expired longer ago than the skew', () => token({ ...good, exp: soon() - 70 }), INVALID],
    ['that is not valid yet', () => token({ ...good, nbf: soon() }), INVALID],
    ['of another issuer', () => token({ ...good, iss: 'https://evil.example' }), INVALID],
    ['for another audience', () => token({ ...good, aud: 'payments' }), INVALID],
    ['without an audience', () => token({ iss: good.iss }), INVALID],
    ['of another key', () => token(good, { key: other.privateKey }), INVALID],
    ['without a signature', async () => new UnsecuredJWT({ ...good, sub: 'ada' }).encode(), INVALID],
    ['that is none', async () => 'abc', INVALID],
    [
      // The public key is known to everybody: it must not do as the secret of an HMAC.
      'signed with the public key as a secret',
      () => token(good, { key: Buffer.from(pem(rsa.publicKey)), alg: 'HS256' }),
      INVALID,
    ],
    ['that says for nobody', () => token({ ...good, sub: undefined }), INVALID],
    ['whose subject is no text', () => token({ ...good, sub: 7, client_id: 'a' }), INVALID],
    ['that has no end', () => token({ ...good, exp: undefined }), TAKEN],
  ])('%s', async (_, make, expected) => {
    const gateway = await planGateway([rsaPlan(strict)]);
    expect(await answerOf(await gateway.post(bearer(await make())))).toEqual(expected);
  });

  test('that has no end is refused where it must have one', async () => {
    const gateway = await planGateway([rsaPlan({ requireExpiry: true })]);
    expect(await answerOf(await gateway.post(bearer(await token())))).toEqual(TAKEN);
    const endless = await token({ exp: undefined });
    expect(await answerOf(await gateway.post(bearer(endless)))).toEqual(INVALID);
  });

  test('of one client is never taken for that of another, whatever they are named', async () => {
    const gateway = await planGateway([rsaPlan()]);
    const names = [
      { client_id: 'a', sub: 'b:c' },
      { client_id: 'a:b', sub: 'c' },
      { client_id: 'a%3Ab', sub: 'c' },
      { sub: 'a:b:c' },
    ];
    for (const claims of names) expect((await gateway.post(bearer(await token(claims)))).status).toBe(202);
    const ids = gateway.published.map(({ ctx }) => ctx.subscription.id);
    expect(new Set(ids).size).toBe(4);
  });

  test('is asked for by a challenge', async () => {
    const gateway = await planGateway([rsaPlan()]);
    const expected = [401, 'JWT_MISSING_TOKEN', 'Bearer realm="orders"'];
    expect(await answerOf(await gateway.post())).toEqual(expected);
    expect(await answerOf(await gateway.post({ authorization: 'Basic YTpi' }))).toEqual(expected);
  });

  test('may stand in the query, and is then not seen by messages', async () => {
    const gateway = await planGateway([rsaPlan()]);
    const value = await token();
    expect((await gateway.post({}, `?access_token=${value}&a=1`)).status).toBe(202);
    expect(gateway.published[0]?.ctx.request.uri).toBe('/orders?a=1');
  });

  test('says who the client is', async () => {
    const gateway = await planGateway([rsaPlan({ extractClaims: true, propagateAuthHeader: false })]);
    await gateway.post(bearer(await token({ azp: 'web', roles: ['a'] })));
    const ctx = gateway.published[0]?.ctx;
    expect(ctx?.subscription).toEqual({
      id: 'web:ada',
      type: 'standard',
      planId: 'gold',
      clientId: 'web',
      applicationId: 'web',
      metadata: {},
    });
    expect(ctx?.attributes.get('jwt.claims')).toMatchObject({ roles: ['a'] });
    expect(ctx?.attributes.get('gravitee.attribute.user')).toBe('ada');
    expect(ctx?.request.headers.has('authorization')).toBe(false);
  });
});

describe('a given key', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const sshLine = () => {
    const { n, e } = rsa.publicKey.export({ format: 'jwk' });
    const field = (bytes: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const number = (text = '') => field(Buffer.concat([Buffer.from([0]), Buffer.from(text, 'base64url')]));
    return `ssh-rsa ${Buffer.concat([field(Buffer.from('ssh-rsa')), number(e), number(n)]).toString('base64')} me@home`;
  };

  test.each([
    ['RSA_RS256', pem(rsa.publicKey), () => token()],
    ['RS256', JSON.stringify(rsa.publicKey.export({ format: 'jwk' })), () => token()],
    ['RSA_RS256', sshLine(), () => token()],
    ['RSA_RS256', pem(rsa.publicKey).split('\n').slice(1, -2).join(''), () => token()],
    ['RSA_PS256', pem(rsa.publicKey), () => token({}, { alg: 'PS256' })],
    ['HMAC_HS256', SECRET, () => token({}, { key: Buffer.from(SECRET), alg: 'HS256' })],
    ['ECDSA_ES256', pem(ec.publicKey), () => token({}, { key: ec.privateKey, alg: 'ES256' })],
    ['EdDSA', pem(ed.publicKey), () => token({}, { key: ed.privateKey, alg: 'EdDSA' })],
    [
      'HMAC_HS256',
      "{#secrets.get('/env/JWT_TEST_SECRET')}",
      () => token({}, { key: Buffer.from(SECRET), alg: 'HS256' }),
    ],
  ])('of %s: %.30s', async (signature, resolverParameter, make) => {
    process.env.JWT_TEST_SECRET = SECRET;
    const gateway = await planGateway([plan({ signature, resolverParameter })]);
    expect(await answerOf(await gateway.post(bearer(await make())))).toEqual(TAKEN);
    expect(await answerOf(await gateway.post(bearer(await token({}, { key: other.privateKey }))))).toEqual(
      INVALID,
    );
  });

  test.each([
    [{ resolverParameter: 'no key' }, 'the key is not a public key as PEM, an ssh-rsa line or a JWK'],
    [{ signature: 'HMAC_HS256', resolverParameter: 'short' }, 'the secret of HS256 needs at least 32 bytes'],
    [
      { publicKeyResolver: 'JWKS_URL', resolverParameter: 'file:///x' },
      'must begin with https:// or http://',
    ],
    [{ publicKeyResolver: 'GATEWAY_KEYS', resolverParameter: 'x' }, 'there are no GATEWAY_KEYS here'],
    [{ signature: 'RS1', resolverParameter: 'x' }, '"RS1" is not one of'],
    [{}, 'the member "resolverParameter" is missing'],
  ])('that cannot work is refused when deploying: %j', async (configuration, message) => {
    const gateway = await planGateway([plan(configuration)]);
    expect(gateway.log.lines.map((line) => line.message).join()).toContain(message);
    expect((await gateway.post()).status).toBe(404);
  });
});

describe('a key set', () => {
  /** A server of a key set that a test changes while it runs. */
  async function keySet(keys: Record<string, KeyObject>) {
    const state = { keys, down: false, reads: 0 };
    const server = createServer(async (_, response) => {
      state.reads++;
      if (state.down) {
        response.writeHead(500).end();
        return;
      }
      const list = Object.entries(state.keys).map(async ([kid, key]) => ({
        ...(await exportJWK(key)),
        kid,
        alg: 'RS256',
      }));
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ keys: await Promise.all(list) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    return { state, plan: plan({ publicKeyResolver: 'JWKS_URL', resolverParameter: url }) };
  }

  test('is read once for many tokens, and again when a token names a key it has not', async () => {
    const set = await keySet({ one: rsa.publicKey });
    const gateway = await planGateway([set.plan]);
    const first = await token({}, { kid: 'one' });
    for (let n = 0; n < 5; n++) expect(await answerOf(await gateway.post(bearer(first)))).toEqual(TAKEN);
    expect(set.state.reads).toBe(1);
    // Unknown keys do not make it read once a token.
    const unknown = await token({}, { key: other.privateKey, kid: 'two' });
    for (let n = 0; n < 5; n++) expect(await answerOf(await gateway.post(bearer(unknown)))).toEqual(INVALID);
    expect(set.state.reads).toBe(1);
  });

  test('that has been changed is read again, at most every five seconds', async () => {
    const set = await keySet({ one: rsa.publicKey });
    const gateway = await planGateway([set.plan]);
    expect(await answerOf(await gateway.post(bearer(await token({}, { kid: 'one' }))))).toEqual(TAKEN);
    set.state.keys = { two: other.publicKey };
    const second = bearer(await token({}, { key: other.privateKey, kid: 'two' }));
    expect(await answerOf(await gateway.post(second))).toEqual(INVALID);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await answerOf(await gateway.post(second))).toEqual(TAKEN);
    expect(set.state.reads).toBe(2);
    expect(await answerOf(await gateway.post(bearer(await token({}, { kid: 'one' }))))).toEqual(INVALID);
  });

  test('tries each key for a token that names none', async () => {
    const set = await keySet({ one: other.publicKey, two: rsa.publicKey });
    const gateway = await planGateway([set.plan]);
    expect(await answerOf(await gateway.post(bearer(await token())))).toEqual(TAKEN);
  });

  test('that cannot be read is no fault of the client: 503, and served again when it is back', async () => {
    const set = await keySet({ one: rsa.publicKey });
    set.state.down = true;
    const gateway = await planGateway([set.plan]);
    const good = bearer(await token({}, { kid: 'one' }));
    expect((await answerOf(await gateway.post(good))).slice(0, 2)).toEqual([503, 'SECURITY_UNAVAILABLE']);
    set.state.down = false;
    expect(await answerOf(await gateway.post(good))).toEqual(TAKEN);
  });
});

test('plans of two issuers are tried in order', async () => {
  const gateway = await planGateway([
    { ...rsaPlan({ issuer: 'a' }), id: 'a' },
    { ...rsaPlan({ issuer: 'b' }), id: 'b' },
  ]);
  expect(await answerOf(await gateway.post(bearer(await token({ iss: 'b' }))))).toEqual(TAKEN);
  expect(gateway.published[0]?.ctx.subscription.planId).toBe('b');
  expect(await answerOf(await gateway.post(bearer(await token({ iss: 'c' }))))).toEqual(INVALID);
});

test('a running stream is told in-band that its token has come to its end, and ends', async () => {
  const gateway = await planGateway([rsaPlan({ clockSkewSeconds: 0 })]);
  const exp = Math.floor(Date.now() / 1000) + 2;
  const response = await fetch(gateway.url, {
    headers: { accept: 'text/event-stream', ...bearer(await token({ exp })) },
  });
  const { events } = parseSse(await response.text());
  expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
  expect(events.map(({ type, data }) => [type, JSON.parse(data).key])).toEqual([
    ['error', 'CREDENTIAL_EXPIRED'],
  ]);
});

describe('the claim of a client', () => {
  test.each([
    ['ext.client', { ext: { client: 'shop' } }, 'shop:ada'],
    ['ext.client', { 'ext.client': 'literal', ext: { client: 'shop' } }, 'literal:ada'],
    ['https://id.example/client', { 'https://id.example/client': 'shop' }, 'shop:ada'],
    ['ext.client.id', { ext: { client: 'shop' } }, 'ada'],
    ['ext.toString', { ext: {} }, 'ada'],
    ['aud.length', { aud: 'x' }, 'ada'],
  ])('%s in %j makes the subscription %s', async (clientIdClaim, claims, id) => {
    const gateway = await planGateway([rsaPlan({ clientIdClaim })]);
    expect((await gateway.post(bearer(await token(claims)))).status).toBe(202);
    expect(gateway.published[0]?.ctx.subscription.id).toBe(id);
  });
});

describe('a credential that is empty or malformed is a bad one', () => {
  const open = { id: 'open', security: { type: 'key-less' } };
  test.each([
    [{ authorization: 'Bearer' }, ''],
    [{ authorization: 'Bearer   ' }, ''],
    [{ authorization: 'bearer a b' }, ''],
    [{}, '?access_token='],
  ])('%j%s, also where a plan takes everybody', async (headers: Record<string, string>, query) => {
    const gateway = await planGateway([rsaPlan(), open]);
    expect(await answerOf(await gateway.post(headers, query))).toEqual(INVALID);
    expect((await gateway.post()).status).toBe(202);
  });
});

describe('requireSubscription', () => {
  const shop = {
    clientId: 'shop',
    application: 'app-1',
    applicationName: 'Shop',
    metadata: { region: 'eu' },
  };
  const files = { 'x.jwt-clients.json': { api: 'orders', plan: 'gold', clients: [shop] } };

  test('takes the clients that a file names, and nobody else', async () => {
    const gateway = await planGateway([rsaPlan({ requireSubscription: true })], { files });
    expect((await gateway.post(bearer(await token({ client_id: 'shop' })))).status).toBe(202);
    expect(await answerOf(await gateway.post(bearer(await token({ client_id: 'other' }))))).toEqual(INVALID);
    expect(await answerOf(await gateway.post(bearer(await token())))).toEqual(INVALID);
    expect(gateway.published[0]?.ctx.subscription).toMatchObject({
      id: 'shop:ada',
      applicationId: 'app-1',
      applicationName: 'Shop',
      metadata: { region: 'eu' },
    });
  });

  test('is not the default: every good token is taken, and a file says more of its client', async () => {
    const gateway = await planGateway([rsaPlan()], { files });
    for (const client_id of ['other', 'shop']) await gateway.post(bearer(await token({ client_id })));
    expect(gateway.published.map(({ ctx }) => ctx.subscription.metadata)).toEqual([{}, { region: 'eu' }]);
  });

  test('without a file takes nobody, and the log says so', async () => {
    const gateway = await planGateway([rsaPlan({ requireSubscription: true })]);
    expect(await answerOf(await gateway.post(bearer(await token({ client_id: 'shop' }))))).toEqual(INVALID);
    expect(gateway.log.lines.map(({ message }) => message).join()).toContain('it takes nobody');
  });
});
