import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Delivery,
  type Message,
  pause,
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
export function subscribeToMock(
  config: MockConfig,
  request: SubscribeRequest,
  first: number,
  { onClose, onBatch }: { readonly onClose: () => void; readonly onBatch: (count: number) => void },
): Subscription {
  const closing = new AbortController();
  const unsettled = new Set<{ readonly number: number }>();
  let next = first;
  let wake = () => {};

  const deliver = (number: number): Delivery => {
    const handed = { number };
    if (request.qos !== 'none') unsettled.add(handed);
    return {
      message: mockMessage(config, number),
      cursor: request.qos === 'balanced' ? null : String(number),
      ack: () => {
        if (unsettled.delete(handed)) wake();
      },
      nack: () => {
        if (!unsettled.delete(handed)) return;
        if (request.qos !== 'at-most-once') {
          for (const later of unsettled) if (later.number > number) unsettled.delete(later);
          next = number;
        }
        wake();
      },
    };
  };

  async function* batches(): AsyncGenerator<readonly Delivery[]> {
    while (!closing.signal.aborted) {
      const left = (config.messageCount ?? Number.POSITIVE_INFINITY) - next;
      const room = request.maxInFlight - unsettled.size;
      if (left <= 0 && unsettled.size === 0) return;
      if (left <= 0 || room <= 0) {
        await waitFor(closing.signal, (resolve) => {
          wake = resolve;
        });
      } else {
        // Without a turn of the event loop an endless mock would starve every other client.
        await (config.messageInterval === 0 ? nextTurn() : pause(config.messageInterval, closing.signal));
        // A nack may have come meanwhile; it moves `next` back, and makes no less room.
        const count = config.messageInterval > 0 ? 1 : Math.min(left, room, MAX_BATCH);
        if (closing.signal.aborted) continue;
        onBatch(count);
        yield Array.from({ length: count }, () => deliver(next++));
      }
    }
  }

  return {
    startCursor: request.qos === 'balanced' ? null : String(first - 1),
    [Symbol.asyncIterator]: batches,
    close: () => {
      closing.abort();
      onClose();
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
