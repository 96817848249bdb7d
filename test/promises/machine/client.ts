import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { WebhookSink } from '../../support/webhook-sink.js';
import type { Setting } from './setting.js';

/** Everything one client was given, in order: the numbers of records, by connection. */
export interface Received {
  readonly connections: number[][];
}

/** A client of one API. */
export interface HistoryClient extends Received {
  /** Whether it is given what comes, as far as it knows. */
  readonly isConnected: boolean;
  /** Whether it could say where it continues. */
  readonly hasCursor: boolean;
  /** Connects, as a client that comes back does. Rejects when it is refused. */
  connect(url: string): Promise<void>;
  /** Leaves without a word; one that pages, when it has the page that it asked for. */
  cut(): Promise<void>;
}

const IDENTIFIER = 'X-Gravitee-Client-Identifier';

/** A client of an entrypoint; that of `webhook` is its callback. */
export function historyClient(setting: Setting, name: string, sendsCursor: boolean): HistoryClient {
  if (setting.entrypoint === 'http-get') return new PagingClient(name, sendsCursor);
  if (setting.entrypoint === 'sse') return new SseClient(name, sendsCursor);
  return new SocketClient(name, sendsCursor);
}

class SseClient implements HistoryClient {
  readonly connections: number[][] = [];
  #response: IncomingMessage | undefined;
  #cursor: string | undefined;

  constructor(
    private readonly name: string,
    private readonly sendsCursor: boolean,
  ) {}

  get isConnected(): boolean {
    return this.#response !== undefined;
  }

  get hasCursor(): boolean {
    return this.sendsCursor && this.#cursor !== undefined;
  }

  async connect(url: string): Promise<void> {
    const cursor = this.sendsCursor && this.#cursor !== undefined ? { 'last-event-id': this.#cursor } : {};
    const headers = { accept: 'text/event-stream', [IDENTIFIER]: this.name, ...cursor };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { headers, agent: false }, resolve).on('error', reject);
    });
    if (response.statusCode !== 200) {
      response.destroy();
      throw new Error(`the stream was answered ${response.statusCode}`);
    }
    this.#response = response;
    const numbers: number[] = [];
    this.connections.push(numbers);
    let rest = '';
    let id: string | undefined;
    let isMessage = true;
    let data: string | undefined;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('id: ')) id = line.slice(4);
        else if (line.startsWith('event: ')) isMessage = line === 'event: message';
        else if (line.startsWith('data: ')) data = line.slice(6);
        else if (line === '') {
          if (data !== undefined && isMessage) numbers.push(Number(data));
          if (id !== undefined) this.#cursor = id;
          isMessage = true;
          data = undefined;
        }
      }
    });
    const over = () => {
      if (this.#response === response) this.#response = undefined;
    };
    response.on('close', over).on('error', over);
  }

  async cut(): Promise<void> {
    this.#response?.destroy();
    this.#response = undefined;
  }
}

class SocketClient implements HistoryClient {
  readonly connections: number[][] = [];
  #socket: WebSocket | undefined;
  #cursor: string | undefined;

  constructor(
    private readonly name: string,
    private readonly sendsCursor: boolean,
  ) {}

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  get hasCursor(): boolean {
    return this.sendsCursor && this.#cursor !== undefined;
  }

  async connect(url: string): Promise<void> {
    const query = this.hasCursor ? `?cursor=${encodeURIComponent(this.#cursor ?? '')}` : '';
    const socket = new WebSocket(url.replace(/^http/, 'ws') + query, ['sluice.json.v1'], {
      headers: { [IDENTIFIER]: this.name },
    });
    const numbers: number[] = [];
    socket.on('message', (frame: Buffer) => {
      const message = JSON.parse(frame.toString()) as { type: string; content?: string; id?: string };
      if (message.type !== 'message') return;
      numbers.push(Number(message.content));
      this.#cursor = message.id;
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.on('error', reject);
    });
    this.connections.push(numbers);
    this.#socket = socket;
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }

  async cut(): Promise<void> {
    this.#socket?.terminate();
    this.#socket = undefined;
  }
}

/** Asks for one page after the other while it is connected. */
class PagingClient implements HistoryClient {
  readonly connections: number[][] = [];
  #leaving: AbortController | undefined;
  #reading: Promise<void> = Promise.resolve();
  #cursor: string | undefined;

  constructor(
    private readonly name: string,
    private readonly sendsCursor: boolean,
  ) {}

  get isConnected(): boolean {
    return this.#leaving !== undefined;
  }

  get hasCursor(): boolean {
    return this.sendsCursor && this.#cursor !== undefined;
  }

  async connect(url: string): Promise<void> {
    const leaving = new AbortController();
    const numbers: number[] = [];
    await this.#page(url, numbers, 0);
    this.connections.push(numbers);
    this.#leaving = leaving;
    this.#reading = this.#readOn(url, numbers, leaving);
  }

  async cut(): Promise<void> {
    this.#leaving?.abort();
    await this.#reading;
    this.#leaving = undefined;
  }

  async #readOn(url: string, numbers: number[], leaving: AbortController): Promise<void> {
    while (!leaving.signal.aborted) {
      try {
        await this.#page(url, numbers, 1);
      } catch {
        // The gateway is away: whoever tells the history connects again.
        if (this.#leaving === leaving) this.#leaving = undefined;
        return;
      }
      await delay(20);
    }
  }

  async #page(url: string, numbers: number[], waitSeconds: number): Promise<void> {
    const query = this.hasCursor ? `?cursor=${encodeURIComponent(this.#cursor ?? '')}` : '';
    const headers = { accept: 'application/json', prefer: `wait=${waitSeconds}`, [IDENTIFIER]: this.name };
    const response = await fetch(url + query, { headers });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`the page was answered ${response.status}: ${text}`);
    const page = JSON.parse(text) as { items: { content: string }[]; pagination?: { nextCursor?: string } };
    numbers.push(...page.items.map(({ content }) => Number(content)));
    this.#cursor = page.pagination?.nextCursor ?? this.#cursor;
  }
}

/** A callback that a subscription is made for, once; cut, it takes nothing. */
export class CallbackClient implements HistoryClient {
  readonly connections: number[][] = [[]];
  readonly hasCursor = false;
  isConnected = false;
  #subscribed = false;

  constructor(
    private readonly sink: WebhookSink,
    private readonly adminUrl: () => string,
  ) {
    sink.answer = ({ body }) => {
      if (!this.isConnected) return 503;
      this.connections[0]?.push(Number(body.toString()));
      return 204;
    };
  }

  async connect(): Promise<void> {
    this.isConnected = true;
    if (this.#subscribed) return;
    const entrypointConfiguration = {
      callbackUrl: this.sink.url,
      retry: { maxAttempts: 1000, initialDelaySeconds: 1, maxDelaySeconds: 1 },
    };
    const response = await fetch(this.adminUrl(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consumerConfiguration: { entrypointId: 'webhook', entrypointConfiguration } }),
    });
    if (response.status !== 201) {
      throw new Error(`the subscription was answered ${response.status}: ${await response.text()}`);
    }
    this.#subscribed = true;
  }

  async cut(): Promise<void> {
    this.isConnected = false;
  }
}
