import { request } from 'node:http';
import { onTestFinished } from 'vitest';

/** A stream read by hand: it never reconnects and never sends an id of its own accord. */
export interface RawStream {
  readonly status: number;
  /** The `data` of every event, in order. */
  readonly data: readonly string[];
  /** Resolves when the connection has ended, by either side. */
  readonly ended: Promise<void>;
  until(condition: () => boolean, timeoutMs: number): Promise<void>;
  /** Reads on, when it was opened `paused`. */
  resume(): void;
  close(): void;
}

/** Opens a stream; resolves with the response's head. With `read` false nothing is taken from the socket, with `paused` not yet. */
export function openRawStream(
  url: string,
  options: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly read?: boolean;
    readonly paused?: boolean;
  } = {},
): Promise<RawStream> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'text/event-stream', ...options.headers };
    const outgoing = request(url, { headers, agent: false }, (response) => {
      const data: string[] = [];
      const waiting = new Set<() => void>();
      let rest = '';
      response.setEncoding('utf8');
      if (options.read !== false) {
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.startsWith('data: ')) data.push(line.slice(6));
          for (const check of waiting) check();
        });
      }
      if (options.paused === true) response.pause();
      const ended = new Promise<void>((end) => {
        response.on('close', () => end()).on('error', () => end());
      });
      resolve({
        status: response.statusCode ?? 0,
        data,
        ended,
        until: (condition, timeoutMs) =>
          new Promise((done, fail) => {
            const check = () => {
              if (!condition()) return;
              clearTimeout(timer);
              waiting.delete(check);
              done();
            };
            const timer = setTimeout(
              () => fail(new Error(`not there after ${timeoutMs} ms, with ${data.length} events`)),
              timeoutMs,
            );
            waiting.add(check);
            check();
          }),
        resume: () => void response.resume(),
        close: () => outgoing.destroy(),
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
    onTestFinished(() => void outgoing.destroy());
  });
}
