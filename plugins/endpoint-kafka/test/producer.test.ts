import { EventEmitter } from 'node:events';
import { MessagingTelemetry, newMessage } from '@sluice/core';
import { recordingLogger } from '@sluice/core/testing';
import type Kafka from 'node-rdkafka';
import { expect, test } from 'vitest';
import type { Cluster } from '../src/cluster.js';
import { PartitionChoice } from '../src/partition-choice.js';
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
    poll: () => {
      throw new Error('closed');
    },
  }) as unknown as Kafka.Producer;
  const cluster: Partial<Cluster> = {
    onClient: (listener) => listener(client),
    connected: client,
    downForMs: 0,
  };
  const choice = new PartitionChoice(cluster as Cluster, 'murmur2');
  return new RecordProducer(
    cluster as Cluster,
    choice,
    recordingLogger(),
    new MessagingTelemetry(undefined, 'kafka'),
  );
}

const message = newMessage(Buffer.from('x'), [], 0);
const plan = { topics: ['a', 'b'], key: null, partition: null, timestampMs: null, headers: [] };

test('a full queue refuses a message that no topic has: certainly not stored', async () => {
  const [result] = await producerWithRoom(0).publish([message], () => plan, {
    awaits: true,
    settled: () => {},
  });
  expect(result).toMatchObject({ ok: false, error: { key: 'PUBLISH_QUEUE_FULL' } });
});

test('a queue that fills up between two topics says that one of them may have it', async () => {
  const [result] = await producerWithRoom(1).publish([message], () => plan, {
    awaits: true,
    settled: () => {},
  });
  expect(result).toMatchObject({ ok: false, error: { key: 'PUBLISH_TIMEOUT' } });
});
