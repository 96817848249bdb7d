import { faultyEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { sseClient } from '../support/sse-client.js';

/** An API with these entrypoints; resolves with the media type and status of what is answered to an Accept header. */
async function asking(entrypoints: readonly string[]) {
  const api = {
    id: 'test',
    name: 'test',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [
      {
        type: 'http',
        paths: [{ path: '/test' }],
        entrypoints: entrypoints.map((type) => ({ type, qos: 'none' })),
      },
    ],
    endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
  };
  const endpoint = faultyEndpoint(numberedMessages(1));
  const { url } = await startTestGateway({ apis: [api], plugins: [endpointPlugin(endpoint)] });
  return async (accept: string) => {
    const { status, headers, leave } = await sseClient(`${url}/test?limit=1`, { accept });
    leave();
    return `${status} ${headers['content-type']?.split(';')[0]}`;
  };
}

test.each([
  ['text/event-stream', 'text/event-stream'],
  ['text/event-stream, */*', 'text/event-stream'],
  ['text/event-stream, application/json;q=0.9', 'text/event-stream'],
  ['application/json, text/event-stream', 'text/event-stream'],
  ['text/event-stream;q=0, application/json', 'application/json'],
  ['application/json, text/event-stream;q=0.1', 'application/json'],
  ['*/*;q=0.8, text/event-stream;q=0.1', 'application/json'],
  ['text/html, text/event-stream;q=0.1', 'text/event-stream'],
  ['*/*', 'application/json'],
])('of a page and a stream "%s" gets %s', async (accept, type) => {
  const ask = await asking(['http-get', 'sse']);
  expect(await ask(accept)).toBe(`200 ${type}`);
});

test('where there is a stream only it is what a client gets that takes one at all', async () => {
  const ask = await asking(['sse', 'http-post']);
  expect(await ask('application/json, text/event-stream;q=0.1')).toBe('200 text/event-stream');
  expect(await ask('application/json, text/event-stream;q=0')).toBe('404 application/json');
});
