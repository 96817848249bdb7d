import { loadDefinition } from '@sluice/core/gateway';
import { describe, expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { fc } from '../support/property.js';
import { rawSocket } from '../support/raw-socket.js';

/** The status of a POST with a target and a Host header, byte for byte as they are written. */
async function post(port: number, target: string, host = 'any.example'): Promise<number> {
  const raw = await rawSocket(port);
  const head = `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`;
  raw.socket.write(Buffer.from(head));
  return Number((await raw.receives(/\r\n\r\n/)).split(' ')[1]);
}

async function deployed(place: { readonly path?: string; readonly host?: string }) {
  const { port, problems } = await startTestGateway({ apis: [apiDefinition({ id: 'a', ...place })] });
  return { port, problems: problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`) };
}

describe('a path', () => {
  test.each([
    ['/bücher', ['/b%C3%BCcher', '/b%c3%bccher/x']],
    ['/b%C3%BCcher', ['/b%C3%BCcher', '/b%c3%bccher']],
    ['/my orders', ['/my%20orders', '/my%20orders/7']],
    ['/my%20orders', ['/my%20orders']],
    ['/~team', ['/~team', '/%7Eteam', '/%7eteam']],
    ['/100%', ['/100%25']],
    ['/a+b', ['/a+b', '/a%2Bb']],
    ['/日本', ['/%E6%97%A5%E6%9C%AC']],
  ])('%s is reached however it is encoded', async (path, targets) => {
    const { port, problems } = await deployed({ path });
    expect(problems).toEqual([]);
    for (const target of targets) expect([target, await post(port, target)]).toEqual([target, 202]);
    expect(await post(port, '/other')).toBe(404);
  });

  test('an encoded slash is none', async () => {
    const { port } = await deployed({ path: '/a/b' });
    expect(await post(port, '/a%2Fb')).toBe(404);
    expect(await post(port, '/a/b')).toBe(202);
  });

  test('two spellings of one path are one: the second API is refused it', async () => {
    const apis = [
      apiDefinition({ id: 'a', path: '/bücher' }),
      apiDefinition({ id: 'b', path: '/b%c3%bccher' }),
    ];
    const { problems } = await startTestGateway({ apis });
    expect(problems.map(({ message }) => message)).toEqual(['the API "a" already listens on /b%c3%bccher']);
  });

  test.each([
    ['/orders?x=1', /^error .*no query/],
    ['/orders#top', /^error .*no query and no fragment/],
    ['/a/../b', /^error .*resolve/],
    ['/a/%2e%2E/b', /^error .*resolve/],
    ['/a\\b', /^error .*backslash/],
    ['/a ', /^error .*blanks/],
    ['/a\tb', /^error .*control/],
    ['https://events.example.com/a', /^error .*"host"/],
    ['/orders/:id', /^warning .*literally/],
    ['/orders/{id}', /^warning .*literally/],
    ['/orders/*', /^warning .*literally/],
  ])('%s is a problem with its place', async (path, expected) => {
    const { problems } = await deployed({ path });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems[0]).toContain('$.listeners[0].paths[0].path');
  });
});

describe('a host', () => {
  test.each([
    ['events.example.com', 'events.example.com', 202],
    ['events.example.com', 'EVENTS.example.com:8443', 202],
    ['events.example.com', 'events.example.com.', 202],
    ['events.example.com', 'events.example.com.:80', 202],
    ['events.example.com.', 'events.example.com', 202],
    ['events.example.com', 'other.example.com', 404],
    ['events.example.com:8443', 'events.example.com', 202],
    ['events.example.com:8443', 'events.example.com:9000', 202],
    ['https://events.example.com', 'events.example.com', 202],
    ['https://events.example.com:443/', 'events.example.com', 202],
    ['bücher.example', 'xn--bcher-kva.example', 202],
    ['*.example.com', 'a.example.com', 202],
    ['*.example.com', 'A.example.com.:99', 202],
    ['*.example.com', 'example.com', 404],
    ['*.example.com', 'b.a.example.com', 404],
    ['*.bücher.example', 'a.xn--bcher-kva.example', 202],
    ['[2001:DB8::1]', '[2001:db8::1]:8082', 202],
    ['*', 'whatever', 202],
    ['', 'whatever', 202],
  ])('%j asked as %j: %i', async (host, asked, status) => {
    const { port, problems } = await deployed({ host, path: '/a' });
    expect(problems.filter((problem) => problem.startsWith('error'))).toEqual([]);
    expect(await post(port, '/a', asked)).toBe(status);
  });

  test('named whole wins over one with an asterisk, and that over any host', async () => {
    const places = [{}, { host: '*.example.com' }, { host: 'a.example.com' }];
    const apis = places.map((place, index) => apiDefinition({ id: `api${index}`, path: '/x', ...place }));
    const { gateway } = await startTestGateway({ apis });
    expect(gateway.find('a.example.com', '/x')?.target.id).toBe('api2');
    expect(gateway.find('b.example.com', '/x')?.target.id).toBe('api1');
    expect(gateway.find('example.com', '/x')?.target.id).toBe('api0');
  });

  test.each([
    ['events.example.com:8443', /^warning .*the port is not looked at/],
    ['https://events.example.com', /^warning .*the scheme is not looked at/],
    ['ev*.example.com', /^error .*asterisk/],
    ['*.*.example.com', /^error .*asterisk/],
    ['my host', /^error .*blanks/],
    ['example.com/orders', /^error .*"path"/],
    ['a.example,b.example', /^error .*one host/],
    ['2001:db8::1', /^error .*brackets/],
  ])('%j is told of with its place', async (host, expected) => {
    const { problems } = await deployed({ host, path: '/a' });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems[0]).toContain('$.listeners[0].paths[0].host');
  });
});

test('every path without a problem is reached by what a client makes of it', async () => {
  const { gateway } = await startTestGateway();
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
  let count = 0;
  fc.assert(
    fc.property(path, (written) => {
      const text = JSON.stringify(
        apiDefinition({ id: `p${count++}`, path: written, host: `h${count}.example` }),
      );
      const problems = gateway.deploy(loadDefinition(text, {}));
      if (problems.some(({ severity }) => severity === 'error')) return;
      const sent = new URL(`http://h${count}.example${written}`).pathname;
      expect(gateway.find(`h${count}.example`, sent)?.target.id).toBe(`p${count - 1}`);
      // As percent-encoding leaves nothing unsaid.
      const encoded = written
        .split('/')
        .map((part) => encodeURIComponent(decoded(part)))
        .join('/');
      expect(gateway.find(`h${count}.example`, encoded)?.target.id).toBe(`p${count - 1}`);
    }),
    { numRuns: 300 },
  );
});

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
