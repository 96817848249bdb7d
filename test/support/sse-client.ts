import { get, type IncomingMessage } from 'node:http';
import { until } from '@sluice/core/testing';
import { onTestFinished } from 'vitest';
import { parseSse, type SseReading } from './sse-parser.js';

/** A client of an event stream that reads everything it is sent. */
export interface SseClient {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** What was understood so far. */
  reading(): SseReading;
  text(): string;
  /** Resolves once that many events have come. */
  events(count: number, timeoutMs?: number): Promise<SseReading['events']>;
  /** Resolves once the gateway has ended the stream or the connection has broken. */
  ended(timeoutMs?: number): Promise<void>;
  leave(): void;
}

/** Asks for an event stream; resolves with its head. */
export async function sseClient(url: string, headers: Record<string, string> = {}): Promise<SseClient> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false }, resolve);
    request.on('error', reject);
    onTestFinished(() => void request.destroy());
  });
  let text = '';
  let over = false;
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('close', () => {
    over = true;
  });
  response.on('error', () => undefined);
  const reading = () => parseSse(text);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    reading,
    text: () => text,
    events: async (count, timeoutMs = 10_000) => {
      await until(() => reading().events.length >= count, timeoutMs, `event ${count}`);
      return reading().events;
    },
    ended: (timeoutMs = 10_000) => until(() => over, timeoutMs, 'the end of the stream'),
    leave: () => void response.destroy(),
  };
}
