import { SluiceError } from '@sluice/core';
import type Kafka from 'node-rdkafka';
import type { Position } from './consumer-listener.js';
import { pastElections } from './elections.js';
import { nativeCall } from './native-calls.js';
import type { TopicPartition } from './partition-table.js';

const QUERY_TIMEOUT_MS = 5000;
/** For those who collect metrics, who wait a second. */
const ENDS_TIMEOUT_MS = 900;
/** What Kafka takes for the end of a partition, in place of a time. */
const END = -1;

/** What a consumer asks the brokers about offsets, and what it has them record for its group. */
export class ConsumerOffsets {
  #commits: ((error: unknown) => void)[] = [];
  #closed = false;

  constructor(private readonly client: Kafka.KafkaConsumer) {
    client.on('offset.commit', (error) => this.#commits.shift()?.(error));
  }

  /** From now on nothing is known of ends: the client must not be asked any more. */
  close(): void {
    this.#closed = true;
  }

  /** The offsets the group has recorded; a partition without one is left out. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async committed(partitions: readonly TopicPartition[], timeoutMs: number): Promise<readonly Position[]> {
    if (partitions.length === 0) return [];
    try {
      const ask = () =>
        nativeCall<Kafka.TopicPartitionOffset[]>((done) =>
          this.client.committed(
            partitions.map((partition) => ({ ...partition })),
            timeoutMs,
            done,
          ),
        );
      const found = await pastElections(ask, timeoutMs);
      return found.filter(({ offset }) => typeof offset === 'number' && offset >= 0);
    } catch (error) {
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    }
  }

  /**
   * The first record of each partition that is stored at a time or later, milliseconds since the epoch; a partition
   * without one is left out. The producer's client has no such call. @throws SluiceError `ENDPOINT_UNAVAILABLE`
   */
  async firstSince(partitions: readonly TopicPartition[], since: number): Promise<readonly Position[]> {
    // Kafka takes -1 and -2 for the end and the beginning.
    return await this.#offsets(partitions, Math.max(0, Math.floor(since)), QUERY_TIMEOUT_MS);
  }

  /** The next offset of a partition to be written, as of the last fetch; undefined before the first. */
  knownEnd({ topic, partition }: TopicPartition): number | undefined {
    if (this.#closed) return undefined;
    try {
      const { highOffset } = this.client.getWatermarkOffsets(topic, partition);
      return highOffset >= 0 ? highOffset : undefined;
    } catch {
      // librdkafka does not know the partition yet.
      return undefined;
    }
  }

  /** The next offsets to be written, asked of the brokers. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async ends(partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    return await this.#offsets(partitions, END, ENDS_TIMEOUT_MS);
  }

  /**
   * Records the next offsets of the group. Call it again only when it has settled: reports come in the order of
   * the calls. Rejects when the broker refuses, or does not answer in time and it may or may not be recorded.
   */
  commit(positions: readonly Position[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown) => {
        clearTimeout(timer);
        if (error === null || error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error(String(error)));
      };
      const timer = setTimeout(() => settle(new Error('the commit was not answered')), QUERY_TIMEOUT_MS);
      this.#commits.push(settle);
      try {
        this.client.commit(positions.map((position) => ({ ...position })));
      } catch (error) {
        this.#commits = this.#commits.filter((waiting) => waiting !== settle);
        settle(error);
      }
    });
  }

  async #offsets(
    partitions: readonly TopicPartition[],
    offset: number,
    timeoutMs: number,
  ): Promise<readonly Position[]> {
    if (partitions.length === 0) return [];
    try {
      const ask = () =>
        nativeCall<Kafka.TopicPartitionOffset[]>((done) =>
          this.client.offsetsForTimes(
            partitions.map(({ topic, partition }) => ({ topic, partition, offset })),
            timeoutMs,
            done,
          ),
        );
      const found = await pastElections(ask, timeoutMs);
      return found.filter((each) => typeof each.offset === 'number' && each.offset >= 0);
    } catch (error) {
      throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
    }
  }
}
