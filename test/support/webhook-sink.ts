import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One call that a sink took. */
export interface SinkCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly atMs: number;
}

/** What a sink answers: a status, or whatever the function does with the answer. */
export type SinkAnswer =
  | number
  | ((call: SinkCall, response: ServerResponse, request: IncomingMessage) => void);

/** A real HTTP(S) server that callbacks go to. */
export interface WebhookSink {
  readonly url: string;
  readonly port: number;
  readonly calls: readonly SinkCall[];
  /** Of every call from now on. */
  answer: (call: SinkCall, index: number) => SinkAnswer;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1; it answers 204 unless told otherwise, and ends with the test. */
export async function webhookSink(
  answer: (call: SinkCall, index: number) => SinkAnswer = () => 204,
  tls?: ServerOptions,
): Promise<WebhookSink> {
  const calls: SinkCall[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
        atMs: performance.now(),
      };
      const wanted = sink.answer(call, calls.push(call) - 1);
      if (typeof wanted === 'number') response.writeHead(wanted).end();
      else wanted(call, response, request);
    });
  };
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const sink: WebhookSink = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    calls,
    answer,
    close,
  };
  onTestFinished(close);
  return sink;
}

/** The bodies of calls, as texts. */
export function bodies(sink: WebhookSink): readonly string[] {
  return sink.calls.map(({ body }) => body.toString());
}
