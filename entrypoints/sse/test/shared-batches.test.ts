import type { Delivery, EndpointConnector, EntrypointConnector, Subscription } from '@sluice/core';
import { textMessage } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { type Client, connect, createSse } from './serve.js';

const batch: readonly Delivery[] = [0, 1].map((n) => ({
  message: textMessage(`shared ${n}`, { headers: [['x', Buffer.from('1')]] }),
  cursor: String(n),
  ack: () => undefined,
  nack: () => undefined,
}));

/** A reader that hands one and the same batch to everybody, as a shared reader does. */
const endpoint: EndpointConnector = {
  publish: () => Promise.resolve([]),
  subscribe: async (): Promise<Subscription> => ({
    startCursor: null,
    close: () => Promise.resolve(),
    async *[Symbol.asyncIterator]() {
      yield batch;
    },
  }),
  health: () => ({ status: 'up' }),
  stop: () => Promise.resolve(),
};

async function written(entrypoint: EntrypointConnector): Promise<Buffer> {
  const client: Client = await connect(endpoint, { entrypoint });
  await client.done;
  const buffers = client.sink.chunks.filter((chunk) => typeof chunk !== 'string');
  expect(buffers).toHaveLength(1);
  return buffers[0] as Buffer;
}

test('a batch that many clients are handed is encoded once: they are written the same buffer', async () => {
  const entrypoint = createSse();
  const first = await written(entrypoint);
  expect(first.toString()).toContain('data: shared 1');
  expect(await written(entrypoint)).toBe(first);
});

test('an entrypoint with other options encodes the same batch for itself', async () => {
  const plain = await written(createSse());
  const withHeaders = await written(createSse({ headersAsComment: true }));
  expect(plain.toString()).not.toContain(':x: 1');
  expect(withHeaders.toString()).toContain(':x: 1');
});
