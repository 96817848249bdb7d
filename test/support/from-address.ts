import { get, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';

/** An answer that may go on for as long as it likes. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** What has come so far. */
  text(): string;
  /** Cuts the connection. */
  leave(): void;
}

/** What is asked beside the URL. */
export interface AskOptions {
  /** Where the client calls from: 127.0.0.1 and its like are so many clients. */
  readonly localAddress: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** False: nothing of the answer is read. */
  readonly reads?: boolean;
}

/** Asks by GET from an address; resolves with the head of the answer. The connection is cut when the test ends. */
export function askFrom(
  url: string,
  { localAddress, headers, reads = true }: AskOptions,
): Promise<OpenAnswer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { localAddress, agent: false, headers: { ...headers } }, (response) => {
      let text = '';
      response.on('error', () => undefined);
      if (reads) {
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
      } else response.pause();
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: () => text,
        leave: () => void response.destroy(),
      });
    }).on('error', reject);
    onTestFinished(() => void request.destroy());
  });
}

/** {@link askFrom} for an event stream. */
export function streamFrom(url: string, { headers, ...options }: AskOptions): Promise<OpenAnswer> {
  return askFrom(url, { ...options, headers: { accept: 'text/event-stream', ...headers } });
}
