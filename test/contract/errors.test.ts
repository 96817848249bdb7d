import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

const gateway = () => startTestGateway({ apis: [apiDefinition({ configuration: { messageInterval: 1 } })] });

/** Asks without the Accept header that `fetch` would add. */
function bare(url: string, headers: Record<string, string | string[]>, method = 'GET') {
  return new Promise<{ status: number; type: string | undefined; id: unknown; body: string }>(
    (resolve, reject) => {
      const request = httpRequest(url, { method, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'],
            id: response.headers['x-request-id'],
            body,
          }),
        );
      });
      request.on('error', reject).end();
    },
  );
}

describe('the body of an error', () => {
  test.each(['application/json', '*/*', 'text/html, application/json;q=0.5', 'text/html,*/*;q=0.1'])(
    'is JSON for Accept: %s',
    async (accept) => {
      const { url } = await gateway();
      const { status, type, body, id } = await bare(`${url}/nowhere`, { accept, 'x-request-id': 'r-1' });
      expect({ status, type, id }).toEqual({ status: 404, type: 'application/json', id: 'r-1' });
      expect(JSON.parse(body)).toEqual({
        message: 'No context-path matches the request URI.',
        http_status_code: 404,
        key: 'NO_CONTEXT_PATH',
        request_id: 'r-1',
      });
    },
  );

  test.each([undefined, 'text/html', 'application/xml', 'text/event-stream'])(
    'is the bare message for Accept: %s',
    async (accept) => {
      const { url } = await gateway();
      const headers: Record<string, string> = accept === undefined ? {} : { accept };
      const { status, type, body } = await bare(`${url}/nowhere`, headers);
      expect({ status, type, body }).toEqual({
        status: 404,
        type: 'text/plain; charset=utf-8',
        body: 'No context-path matches the request URI.',
      });
    },
  );
});

describe('which error', () => {
  const json = { accept: 'application/json' };

  test('a path that no API listens on is 404 NO_CONTEXT_PATH, also one that only begins like an API', async () => {
    const { url } = await gateway();
    for (const path of ['/', '/tes', '/testX', '/other/test', '/%74es']) {
      const response = await fetch(url + path, { headers: json });
      expect([response.status, ((await response.json()) as { key: string }).key], path).toEqual([
        404,
        'NO_CONTEXT_PATH',
      ]);
    }
  });

  test('a GET that asks for no stream is 404 NO_ENTRYPOINT', async () => {
    const { url } = await gateway();
    const response = await fetch(`${url}/test`, { headers: json });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ key: 'NO_ENTRYPOINT' });
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is 405 and names the methods that are taken', async (method) => {
    const { url } = await gateway();
    const response = await fetch(`${url}/test`, { method, headers: json });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
    expect(await response.json()).toMatchObject({ key: 'METHOD_NOT_ALLOWED' });
  });

  test('HEAD is answered without a body, and the connection goes on', async () => {
    const { url } = await gateway();
    const response = await fetch(`${url}/test`, { method: 'HEAD' });
    expect([response.status, await response.text()], 'as GET').toEqual([404, '']);
    expect((await fetch(`${url}/test`, { method: 'POST', body: 'x' })).status).toBe(202);
  });

  test('a client identifier that is not visible ASCII is 400 BAD_REQUEST', async () => {
    const { url } = await gateway();
    const query = 'X-Gravitee-Client-Identifier=%F0%9F%92%A7';
    const response = await fetch(`${url}/test?${query}`, { headers: { accept: 'text/event-stream, */*' } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ key: 'BAD_REQUEST' });
  });
});

describe('the request id', () => {
  const idOf = async (given?: string | string[]) => {
    const { url } = await gateway();
    const headers: Record<string, string | string[]> = given === undefined ? {} : { 'x-request-id': given };
    return (await bare(`${url}/test`, headers, 'POST')).id;
  };

  test('of the client is kept and returned, also on success', async () => {
    expect(await idOf('Order-77:a.b_c')).toBe('Order-77:a.b_c');
  });

  test.each([
    ['absent', undefined],
    ['empty', ''],
    ['too long', 'x'.repeat(129)],
    ['with spaces or quotes', 'a "b"'],
    ['given twice', ['one', 'two']],
  ])('is a new one of 32 hexadecimal digits when %s', async (_, given) => {
    expect(await idOf(given)).toMatch(/^[\da-f]{32}$/);
  });
});
