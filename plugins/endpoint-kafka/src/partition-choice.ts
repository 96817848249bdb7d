import type { Cluster } from './cluster.js';
import type { Partitioner } from './config.js';

/** For how long a topic's number of partitions is taken as known. */
const KNOWN_MS = 30_000;

interface Count {
  partitions: number;
  askedMs: number;
  asking: Promise<void> | undefined;
}

/** librdkafka's partitioner for each of ours; those without one choose here, before a record is handed over. */
export const NATIVE_PARTITIONER: Readonly<Record<Partitioner, string | undefined>> = {
  // The same partition for a key as Java clients choose.
  murmur2: 'murmur2_random',
  random: 'random',
  fnv1a: 'fnv1a_random',
  fnv1aStandard: undefined,
  roundRobin: undefined,
};

/** Chooses partitions in the ways that librdkafka lacks. */
export class PartitionChoice {
  readonly #counts = new Map<string, Count>();
  readonly #turns = new Map<string, number>();

  constructor(
    private readonly cluster: Pick<Cluster, 'partitions'>,
    private readonly partitioner: Partitioner,
  ) {}

  /** Whether there is anything to choose here. */
  get isNeeded(): boolean {
    return NATIVE_PARTITIONER[this.partitioner] === undefined;
  }

  /** To be awaited before `of`: learns how many partitions the topic has. Rejects when the cluster is away. */
  async know(topic: string): Promise<void> {
    const count = this.#counts.get(topic) ?? { partitions: 0, askedMs: 0, asking: undefined };
    this.#counts.set(topic, count);
    if (count.partitions > 0 && performance.now() - count.askedMs < KNOWN_MS) return;
    count.asking ??= this.cluster
      .partitions(topic)
      .then((partitions) => {
        count.partitions = partitions.length;
        count.askedMs = performance.now();
      })
      .finally(() => {
        count.asking = undefined;
      });
    // A number that was right half a minute ago will do until the new one is there.
    if (count.partitions === 0) await count.asking;
    else count.asking.catch(() => {});
  }

  /** The partition of a record; null leaves it to librdkafka, as for a topic that does not exist yet. */
  of(topic: string, key: Buffer | null): number | null {
    const partitions = this.#counts.get(topic)?.partitions ?? 0;
    if (partitions === 0) return null;
    if (this.partitioner === 'fnv1aStandard' && key !== null) return (fnv1a(key) & 0x7fffffff) % partitions;
    if (this.partitioner === 'roundRobin') {
      const turn = this.#turns.get(topic) ?? 0;
      this.#turns.set(topic, turn + 1);
      return turn % partitions;
    }
    return null;
  }
}

/** FNV-1a of 32 bits (draft-eastlake-fnv), as an unsigned number. */
function fnv1a(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
