import { describe, expect, it } from 'vitest';
import { PartitionChoice } from '../src/partition-choice.js';

const cluster = (count: number) => ({ partitions: async () => Array.from({ length: count }, (_, id) => id) });

describe('partitions chosen here', () => {
  // The hashes are those that librdkafka's own test took from Go (rdfnv1a.c), before Sarama's absolute value.
  it('fnv1aStandard takes the low 31 bits of FNV-1a, as the reference hash of Sarama', async () => {
    const choice = new PartitionChoice(cluster(7919), 'fnv1aStandard');
    await choice.know('t');
    expect(choice.of('t', Buffer.from('1234'))).toBe((-0x23bdd03 & 0x7fffffff) % 7919);
    expect(choice.of('t', null)).toBeNull();
  });

  it('roundRobin takes them in turn, for each topic', async () => {
    const choice = new PartitionChoice(cluster(3), 'roundRobin');
    await choice.know('a');
    await choice.know('b');
    expect([1, 2, 3, 4].map(() => choice.of('a', null))).toEqual([0, 1, 2, 0]);
    expect(choice.of('b', null)).toBe(0);
  });

  it('a topic that is not there is left to librdkafka', async () => {
    const choice = new PartitionChoice(cluster(0), 'roundRobin');
    await choice.know('a');
    expect(choice.of('a', null)).toBeNull();
  });
});
