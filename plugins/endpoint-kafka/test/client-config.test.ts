import { describe, expect, test } from 'vitest';
import { consumerProperties } from '../src/client-config.js';
import { sharedConfig } from './kafka-harness.js';

const shared = sharedConfig('t');
const propertiesOf = (groupId: string | undefined) =>
  consumerProperties({ bootstrapServers: 'localhost:9' }, shared, {}, groupId, 4096).global;

describe.each([undefined, 'g'])('the properties of a consumer of group %s', (groupId) => {
  test('what is read ahead is bounded in bytes', () => {
    expect(propertiesOf(groupId)).toMatchObject({ 'queued.max.messages.kbytes': 4096 });
  });

  test('a partition whose queue was full is fetched again soon', () => {
    expect(propertiesOf(groupId)).toMatchObject({ 'fetch.queue.backoff.ms': 10 });
  });
});
