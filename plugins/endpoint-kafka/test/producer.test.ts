import { EventEmitter } from 'node:events';
import { newMessage } from '@sluice/core';
import type Kafka from 'node-rdkafka';
import { expect, test } from 'vitest';
import type { Cluster } from '../src/cluster.js';
import { RecordProducer } from '../src/producer.js';
import { CODE } from '../src/rdkafka-errors.js';

const FULL = { code: CODE.QUEUE_FULL };

/** A client whose local queue takes a number of records and acknowledges none. */
function producerWithRoom(room: number): RecordProducer {
  let taken = 0;
  const client = Object.assign(new EventEmitter(), {
    produce: () => {
      if (taken++ >= room) throw FULL;
    },
    poll: () => {},
  }) as unknown as Kafka.Producer;
  const cluster: Partial<Cluster> = {
    onClient: (listener) => listener(client),
    client: async () => client,
    clientNow: () => {
      throw new Error('closed');
    },
    downForMs: 0,
  };
  return new RecordProducer(cluster as Cluster);
}

const message = newMessage(Buffer.from('x'), [], 0);

test('a full queue refuses a message that no topic has: certainly not stored', async () => {
  const [result] = await producerWithRoom(0).publish(
    [message],
    () => ['a', 'b'],
    () => null,
    'balanced',
  );
  expect(result).toMatchObject({ ok: false, error: { key: 'PUBLISH_QUEUE_FULL' } });
});

test('a queue that fills up between two topics says that one of them may have it', async () => {
  const [result] = await producerWithRoom(1).publish(
    [message],
    () => ['a', 'b'],
    () => null,
    'balanced',
  );
  expect(result).toMatchObject({ ok: false, error: { key: 'PUBLISH_TIMEOUT' } });
});
