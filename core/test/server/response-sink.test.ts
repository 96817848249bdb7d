import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pause, until } from '@sluice/core/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rawSocket } from '../../../test/support/raw-socket.js';
import { sharedBytes } from '../../src/contract/shared-bytes.js';
import { ResponseSink } from '../../src/server/response-sink.js';

const EVENT = sharedBytes('data: ö\n\n');
/** Its chunk; `ö` has two bytes. */
const CHUNK = 'a\r\ndata: ö\n\n\r\n';

/** A server that gives each request's response to `serve`, its head sent. */
async function serverWith(serve: (response: ServerResponse, url: string) => void): Promise<number> {
  const server = createServer((request, response) => {
    response.writeHead(200).flushHeaders();
    serve(response, request.url ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const request = (path: string, version = '1.1') => `GET ${path} HTTP/${version}\r\nHost: g\r\n\r\n`;
/** What was received is a character a byte. */
const bodyOf = (answer: string) =>
  Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1').toString();

test('shared bytes are one chunk in one write, in the order of all writes', async () => {
  const port = await serverWith((response) => {
    const sink = new ResponseSink(response);
    sink.write('retry: 1\n\n');
    setImmediate(() => {
      const write = vi.spyOn(response.socket as NonNullable<ServerResponse['socket']>, 'write');
      sink.write(EVENT);
      expect(write).toHaveBeenCalledTimes(1);
      sink.write('text');
      sink.write(EVENT, () => response.end());
    });
  });
  const raw = await rawSocket(port);
  raw.socket.write(request('/'));
  const answer = await raw.receives(/\r\n0\r\n\r\n$/);
  expect(bodyOf(answer)).toBe(`a\r\nretry: 1\n\n\r\n${CHUNK}4\r\ntext\r\n${CHUNK}0\r\n\r\n`);
});

test('to a client of HTTP/1.0, which knows no chunks, the bytes are sent as they are', async () => {
  const port = await serverWith((response) => {
    new ResponseSink(response).write(EVENT, () => response.end());
  });
  const raw = await rawSocket(port);
  raw.socket.write(request('/', '1.0'));
  expect(bodyOf(await raw.receives(/\n\n$/))).toBe('data: ö\n\n');
  await raw.closed();
});

test('a response behind another one of its connection is written when it has its turn', async () => {
  let endFirst = () => {};
  let taken = false;
  const port = await serverWith((response, url) => {
    if (url === '/1') endFirst = () => response.end('one');
    else {
      const sink = new ResponseSink(response);
      expect(response.socket).toBeNull();
      sink.write(EVENT, () => {
        taken = true;
        sink.write(EVENT, () => response.end());
      });
      setImmediate(() => {
        expect(taken).toBe(false);
        endFirst();
      });
    }
  });
  const raw = await rawSocket(port);
  raw.socket.write(request('/1') + request('/2'));
  const answers = await raw.receives(/\r\n0\r\n\r\n.*\r\n0\r\n\r\n$/s);
  expect(bodyOf(answers).endsWith(`\r\n\r\n${CHUNK}${CHUNK}0\r\n\r\n`)).toBe(true);
  expect(answers.indexOf('one')).toBeLessThan(answers.indexOf('data: '));
});

test('a client that reads nothing leaves no room, and there is room once it reads', async () => {
  const large = sharedBytes('x'.repeat(1024 * 1024));
  let sink: ResponseSink | undefined;
  let ended = false;
  const port = await serverWith((response) => {
    sink = new ResponseSink(response);
    while (sink.write(large));
    void sink.drained().then(() => {
      ended = true;
      response.end();
    });
  });
  const { socket } = await rawSocket(port);
  socket.pause();
  socket.write(request('/'));
  await until(() => sink !== undefined, 5000, 'the request');
  await pause(50);
  expect(ended).toBe(false);
  socket.resume();
  await until(() => ended, 5000, 'room');
});
