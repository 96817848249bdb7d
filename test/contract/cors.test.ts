import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

/** The mock API with CORS on its listener. */
function withCors(cors: object, more: { readonly path?: string } = {}): object {
  const api = apiDefinition({ configuration: { messageCount: 1, messageInterval: 0 }, ...more }) as {
    listeners: { entrypoints: object[] }[];
  };
  const listeners = api.listeners.map((listener) => ({
    ...listener,
    cors: { enabled: true, ...cors },
    entrypoints: [
      { type: 'http-get', configuration: { messagesLimitDurationMs: 100 } },
      ...listener.entrypoints,
    ],
  }));
  return { ...api, listeners };
}

async function served(cors: object) {
  const gateway = await startTestGateway({ apis: [withCors(cors)] });
  expect(gateway.problems).toEqual([]);
  const ask = async (method: string, headers: Record<string, string>, path = '/test', body?: string) => {
    const response = await request(gateway.url + path, {
      method: method as 'GET',
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, text };
  };
  return { ...gateway, ask };
}

const PAGE = 'https://app.example.com';
const PREFLIGHT = { origin: PAGE, 'access-control-request-method': 'POST' };
const corsOf = (headers: object) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

describe('a preflight', () => {
  test('is answered with what the listener allows', async () => {
    const { ask } = await served({
      allowOrigin: [PAGE],
      allowMethods: ['GET', 'POST'],
      allowHeaders: ['Content-Type', 'X-Mine'],
      exposeHeaders: ['X-Request-Id'],
      allowCredentials: true,
      maxAge: 600,
      allowPrivateNetwork: true,
    });
    const { status, headers, text } = await ask('OPTIONS', {
      ...PREFLIGHT,
      'access-control-request-headers': 'content-type',
      'access-control-request-private-network': 'true',
    });
    expect([status, text]).toEqual([200, '']);
    expect(corsOf(headers)).toEqual({
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Content-Type, X-Mine',
      'access-control-max-age': '600',
      'access-control-allow-private-network': 'true',
    });
    expect(headers.vary).toContain('Origin');
  });

  test('of another origin is answered without leave, and says that it varies', async () => {
    const { ask } = await served({ allowOrigin: [PAGE] });
    for (const origin of [
      'https://evil.example',
      `${PAGE}.evil.example`,
      'null',
      'https://app.example.com:8443',
    ]) {
      const { status, headers } = await ask('OPTIONS', { ...PREFLIGHT, origin });
      expect([status, corsOf(headers)], origin).toEqual([200, {}]);
      expect(headers.vary).toContain('Origin');
    }
  });

  test('without options: the methods are those of the entrypoints, and no age is set', async () => {
    const { ask } = await served({ allowOrigin: ['*'] });
    const { headers } = await ask('OPTIONS', PREFLIGHT);
    expect(corsOf(headers)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
    });
  });

  test('with * names what was asked for, and never writes what is no name', async () => {
    const { ask } = await served({ allowOrigin: [PAGE], allowMethods: ['*'], allowHeaders: ['*'] });
    const { headers } = await ask('OPTIONS', {
      ...PREFLIGHT,
      'access-control-request-headers': 'x-a, b@d, ,x-b',
    });
    expect(corsOf(headers)).toMatchObject({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'x-a, x-b',
    });
  });

  test('a regular expression takes the whole origin', async () => {
    const { ask } = await served({ allowOrigin: ['https://[a-z]+\\.example\\.com'], allowCredentials: true });
    const allowed = async (origin: string) =>
      (await ask('OPTIONS', { ...PREFLIGHT, origin })).headers['access-control-allow-origin'];
    expect(await allowed(PAGE)).toBe(PAGE);
    expect(await allowed(`${PAGE}.evil.example`)).toBeUndefined();
    expect(await allowed('https://example.com')).toBeUndefined();
    expect(await allowed(`https://${'a'.repeat(5000)}.example.com`)).toBeUndefined();
  });
});

describe('an answer to a page', () => {
  const cors = { allowOrigin: [PAGE], exposeHeaders: ['X-Request-Id'], allowCredentials: true };
  const leave = {
    'access-control-allow-origin': PAGE,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'X-Request-Id',
  };

  test.each([
    ['a page of messages', 'GET', {}, '/test', undefined, 200],
    ['a stream', 'GET', { accept: 'text/event-stream' }, '/test', undefined, 200],
    ['a publish', 'POST', {}, '/test', 'x', 202],
    ['a wrong parameter', 'GET', {}, '/test?limit=x', undefined, 400],
    ['a wrong method', 'PUT', {}, '/test', undefined, 405],
  ])('%s can be read by it', async (_, method, more, path, body, status) => {
    const { ask } = await served(cors);
    const answer = await ask(method, { origin: PAGE, ...more }, path, body);
    expect(answer.status).toBe(status);
    expect(corsOf(answer.headers)).toEqual(leave);
    expect(answer.headers.vary).toContain('Origin');
  });

  test('of another origin has no leave; one of no page varies too', async () => {
    const { ask } = await served(cors);
    for (const headers of [{ origin: 'https://evil.example' }, {}] as Record<string, string>[]) {
      const answer = await ask('GET', headers);
      expect(corsOf(answer.headers)).toEqual({});
      expect(answer.headers.vary).toBe('Accept, Origin');
    }
  });

  test('for all origins there is one answer for all, and never credentials', async () => {
    const { ask } = await served({ allowOrigin: ['*'] });
    const { headers } = await ask('GET', { origin: PAGE });
    expect(corsOf(headers)).toEqual({ 'access-control-allow-origin': '*' });
    expect(headers.vary).toBe('Accept');
  });
});

describe('without CORS', () => {
  test('OPTIONS is 204 with the methods there are, a preflight too', async () => {
    const { url } = await startTestGateway({ apis: [apiDefinition()] });
    for (const headers of [{}, PREFLIGHT]) {
      const response = await request(`${url}/test`, { method: 'OPTIONS', headers });
      expect(response.statusCode).toBe(204);
      expect(response.headers.allow).toBe('GET, HEAD, POST, OPTIONS');
      expect(corsOf(response.headers)).toEqual({});
      await response.body.dump();
    }
  });
});

test('each listener has its own', async () => {
  const { listeners } = withCors({ allowOrigin: [PAGE] }) as { listeners: object[] };
  const { listeners: other } = apiDefinition({ path: '/closed' }) as { listeners: object[] };
  const api = { ...apiDefinition(), listeners: [...listeners, ...other] };
  const { url, problems } = await startTestGateway({ apis: [api] });
  expect(problems).toEqual([]);
  const leave = async (path: string) =>
    (await fetch(url + path, { method: 'POST', body: 'x', headers: { origin: PAGE } })).headers.get(
      'access-control-allow-origin',
    );
  expect([await leave('/test'), await leave('/closed')]).toEqual([PAGE, null]);
});

describe('what is refused when it is deployed', () => {
  test.each([
    [
      'credentials for every site',
      { allowOrigin: ['*'], allowCredentials: true },
      'allowOrigin',
      /every site/,
    ],
    [
      'credentials for an expression of every site',
      { allowOrigin: ['.*'], allowCredentials: true },
      'allowOrigin',
      /every site/,
    ],
    ['a star for a host', { allowOrigin: ['https://*.example.com'] }, 'allowOrigin[0]', /regular expression/],
    ['what is no origin', { allowOrigin: ['example.com'] }, 'allowOrigin[0]', /scheme:\/\/host/],
    ['an origin with a path', { allowOrigin: ['https://example.com/'] }, 'allowOrigin[0]', /scheme:\/\/host/],
    ['a broken expression', { allowOrigin: ['https://(a'] }, 'allowOrigin[0]', /cannot be used/],
    ['what is no header name', { allowOrigin: ['*'], exposeHeaders: ['a b'] }, 'exposeHeaders[0]', /no name/],
  ])('%s', async (_, cors, path, message) => {
    const { problems, gateway } = await startTestGateway({ apis: [withCors(cors)] });
    expect(problems).toMatchObject([
      { severity: 'error', path: `$.listeners[0].cors.${path}`, message: expect.stringMatching(message) },
    ]);
    expect(gateway.apis).toEqual([]);
  });

  test('that no origin is allowed is a warning', async () => {
    const { problems } = await startTestGateway({ apis: [withCors({})] });
    expect(problems).toMatchObject([{ severity: 'warning', path: '$.listeners[0].cors.allowOrigin' }]);
  });
});
