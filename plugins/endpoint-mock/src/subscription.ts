import {
  type Delivery,
  type Message,
  SluiceError,
  type SubscribeRequest,
  type Subscription,
} from '@sluice/core';
import type { MockConfig } from './config.js';

/** How many messages one batch has at most when there is no interval to wait for. */
const MAX_BATCH = 100;

/** The number of the first message after a cursor. @throws SluiceError `INVALID_CURSOR` when it is not a number we gave */
export function startAfter(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^(-1|\d{1,15})$/.test(cursor)) {
    throw new SluiceError('INVALID_CURSOR', { message: 'The cursor of a mock endpoint is a message number' });
  }
  return Number(cursor) + 1;
}

/** A subscription of its own for each client: nothing is remembered between them, so the cursor alone resumes. */
export function subscribeToMock(config: MockConfig, request: SubscribeRequest, first: number): Subscription {
  const closing = new AbortController();
  let next = first;
  let unsettled = 0;
  let redeliver: number[] = [];
  let wake = () => {};

  const deliver = (number: number): Delivery => {
    let settled = false;
    const settle = () => {
      if (settled) return false;
      settled = true;
      unsettled--;
      wake();
      return true;
    };
    unsettled++;
    return {
      message: mockMessage(config, number),
      cursor: request.qos === 'balanced' ? null : String(number),
      ack: () => void settle(),
      nack: () => {
        if (settle()) redeliver = [...redeliver, number].sort((a, b) => a - b);
      },
    };
  };

  async function* batches(): AsyncGenerator<readonly Delivery[]> {
    while (!closing.signal.aborted) {
      const left = (config.messageCount ?? Number.POSITIVE_INFINITY) - next;
      const room = request.maxInFlight - unsettled;
      if (room > 0 && redeliver.length > 0) {
        yield redeliver.splice(0, room).map(deliver);
      } else if (left <= 0 && unsettled === 0) {
        return;
      } else if (left <= 0 || room <= 0) {
        await waitFor(closing.signal, (resolve) => {
          wake = resolve;
        });
      } else if (config.messageInterval > 0) {
        await pause(config.messageInterval, closing.signal);
        if (!closing.signal.aborted) yield [deliver(next++)];
      } else {
        const count = Math.min(left, room, MAX_BATCH);
        const start = next;
        next += count;
        // Without this turn of the event loop an endless mock would starve every other client.
        await new Promise(setImmediate);
        if (!closing.signal.aborted)
          yield Array.from({ length: count }, (_, index) => deliver(start + index));
      }
    }
  }

  return {
    startCursor: request.qos === 'balanced' ? null : String(first - 1),
    [Symbol.asyncIterator]: batches,
    close: () => {
      closing.abort();
      return Promise.resolve();
    },
  };
}

function mockMessage(config: MockConfig, number: number): Message {
  return {
    id: String(number),
    key: null,
    content: Buffer.from(config.messageContent),
    headers: config.headers.map(({ name, value }) => [name, Buffer.from(value)] as const),
    timestampMs: Date.now(),
    metadata: Object.fromEntries(config.metadata.map(({ name, value }) => [name, value])),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  return waitFor(signal, (resolve) => {
    timer = setTimeout(resolve, ms);
  }).finally(() => clearTimeout(timer));
}

/** Resolves when `arm`'s callback is called or the signal is aborted. */
function waitFor(signal: AbortSignal, arm: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', done);
    arm(done);
  });
}
