import { describe, expect, test } from 'vitest';
import interrupt from '../../plugins/policy-interrupt/src/index.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

const json = (body: string, more: object = {}) => ({ 'application/json': { body, ...more } });
const TEAPOT = {
  policy: 'policy-interrupt',
  configuration: {
    errorKey: 'TEAPOT',
    statusCode: 418,
    message: 'short and stout',
    variables: [{ name: 'handle', value: "{#request.headers['x-handle'][0]}" }],
  },
};

async function answers(responseTemplates: object, request: readonly object[] = [TEAPOT]) {
  const gateway = await startTestGateway({
    apis: [{ ...apiDefinition(), responseTemplates, flows: [{ request }] }],
    plugins: [interrupt],
  });
  const ask = async (headers: Record<string, string> = {}, method = 'POST') => {
    const response = await fetch(`${gateway.url}/test`, {
      method,
      headers,
      body: method === 'POST' ? 'x' : null,
    });
    const { status, headers: got } = response;
    return { status, type: got.get('content-type'), text: await response.text(), headers: got };
  };
  return { ask, gateway };
}

describe('an error is answered in the definition’s words', () => {
  test('with its status, headers and body, and what expressions make of them', async () => {
    const { ask } = await answers({
      TEAPOT: json('{"why":"{#error.message} ({#error.key})","part":"{#parameters[\'handle\']}"}', {
        statusCode: 400,
        headers: { 'X-Was': '{#error.statusCode}', 'X-Path': '{#request.path}' },
      }),
    });
    const { status, type, text, headers } = await ask({ accept: 'application/json', 'x-handle': 'left' });
    expect([status, type, JSON.parse(text)]).toEqual([
      400,
      'application/json',
      { why: 'short and stout (TEAPOT)', part: 'left' },
    ]);
    expect([headers.get('x-was'), headers.get('x-path')]).toEqual(['418', '/test']);
    expect(headers.get('x-request-id')).toMatch(/./);
  });

  test.each([
    ['its key before DEFAULT', { TEAPOT: json('own'), DEFAULT: json('default') }, 'application/json', 'own'],
    ['DEFAULT for any key', { OTHER: json('other'), DEFAULT: json('default') }, '*/*', 'default'],
    [
      'the type that is taken',
      { TEAPOT: { 'text/xml': { body: '<x/>' }, ...json('j') } },
      'text/xml',
      '<x/>',
    ],
    [
      'the type of the highest weight',
      { TEAPOT: { 'text/xml': { body: '<x/>' }, ...json('j') } },
      'text/xml;q=0.2, application/*',
      'j',
    ],
    [
      'any type, when no better is there',
      { TEAPOT: { ...json('j'), '*/*': { body: 'any' } } },
      'text/html',
      'any',
    ],
    [
      'DEFAULT, when the key has none of that type',
      { TEAPOT: json('j'), DEFAULT: { '*/*': { body: 'd' } } },
      'text/html',
      'd',
    ],
    ['none, when the client takes no such type', { TEAPOT: json('j') }, 'text/html', 'short and stout'],
    ['none of weight 0', { TEAPOT: json('j') }, 'application/json;q=0', 'short and stout'],
    ['none for another key', { OTHER: json('j') }, 'text/html', 'short and stout'],
  ])('by %s', async (_, templates, accept, expected) => {
    const { ask } = await answers(templates);
    expect((await ask({ accept })).text).toBe(expected);
  });

  test('for errors of the gateway too, with what the protocol needs kept', async () => {
    const { ask } = await answers({ METHOD_NOT_ALLOWED: { '*/*': { status: 404, body: 'nothing here' } } });
    const { status, text, headers } = await ask({}, 'PUT');
    expect([status, text, headers.get('allow')]).toEqual([404, 'nothing here', 'GET, HEAD, POST, OPTIONS']);
  });

  test('or in the usual ones when the template fails, and the log says why', async () => {
    const { ask, gateway } = await answers({
      TEAPOT: json('{(1 + message.json.x)}', { headers: { 'X-A': '{($number("a"))}' } }),
    });
    const { status, text } = await ask({ accept: 'application/json' });
    expect([status, JSON.parse(text).key]).toEqual([418, 'TEAPOT']);
    expect(gateway.log.lines.map(({ message }) => message)).toContain(
      'a response template cannot be evaluated',
    );
  });
});

test('a template that is not valid is refused when deploying, with its place', async () => {
  const { gateway } = await answers({
    TEAPOT: json('{#error.mesage}'),
    DEFAULT: { '*/*': { statusCode: 1000 } },
  });
  expect(gateway.problems.map(({ path }) => path)).toEqual(["$.responseTemplates.DEFAULT['*/*'].statusCode"]);
  const second = await answers({ TEAPOT: json('{#error.mesage}') });
  expect(second.gateway.problems).toEqual([
    expect.objectContaining({
      severity: 'error',
      path: expect.stringContaining('responseTemplates.TEAPOT'),
      message: expect.stringContaining('did you mean "message"'),
    }),
  ]);
});
