import { until } from '@sluice/core/testing';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';

/** A real WebSocket client that keeps what it is sent, in order. */
export interface WsClient {
  readonly ws: WebSocket;
  readonly frames: readonly { readonly data: Buffer; readonly isBinary: boolean }[];
  /** The frames as text. */
  texts(): readonly string[];
  /** The frames as JSON. */
  json(): readonly Record<string, unknown>[];
  /** Resolves once it has that many frames. */
  arrived(count: number, timeoutMs?: number): Promise<void>;
  /** Resolves with code and reason once the connection is closed. */
  closed(timeoutMs?: number): Promise<readonly [code: number, reason: string]>;
}

/** Opens a connection. Rejects with the status and body when the answer is no handshake. */
export async function wsClient(
  url: string,
  options: ClientOptions & { readonly protocol?: string } = {},
): Promise<WsClient> {
  const { protocol, ...rest } = options;
  const ws = new WebSocket(url.replace(/^http/, 'ws'), protocol === undefined ? [] : [protocol], rest);
  const frames: { data: Buffer; isBinary: boolean }[] = [];
  let end: readonly [number, string] | undefined;
  ws.on('message', (data: Buffer, isBinary) => frames.push({ data, isBinary }));
  ws.on('close', (code, reason) => {
    end = [code, reason.toString()];
  });
  ws.on('error', () => undefined);
  onTestFinished(() => ws.terminate());
  await new Promise<void>((resolve, reject) => {
    ws.once('open', () => resolve());
    ws.once('close', () => reject(new Error('closed before it was open')));
    ws.once('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        reject(
          Object.assign(new Error(`answered ${statusCode}`), {
            statusCode,
            headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
    });
  });
  return {
    ws,
    frames,
    texts: () => frames.map(({ data }) => data.toString()),
    json: () => frames.map(({ data }) => JSON.parse(data.toString()) as Record<string, unknown>),
    arrived: (count, timeoutMs = 5000) =>
      until(() => frames.length >= count, timeoutMs, `frame ${count} at the client`),
    async closed(timeoutMs = 5000) {
      await until(() => end !== undefined, timeoutMs, 'the end of the connection');
      return end as readonly [number, string];
    },
  };
}
