import type { Logger, MessagingTelemetry, Origin } from '@sluice/core';
import type { Position } from './consumer-listener.js';
import type { ConsumerOffsets } from './consumer-offsets.js';
import type { Lane } from './lane.js';
import { keyOf, type TopicPartition } from './partition-table.js';
import { timed } from './telemetry/timed-commit.js';

/** What a group's offsets are recorded with. */
export interface GroupOffsetsParts {
  readonly messaging: MessagingTelemetry;
  readonly log: Logger;
  readonly origin: Origin;
  /** Those of the member's consumer of now. */
  readonly ofConsumer: () => ConsumerOffsets;
  readonly lanes: () => Iterable<Lane>;
}

/** What a group has recorded, and the recording of more: one after the other, so that an older offset never overtakes. */
export class GroupOffsets {
  readonly #recorded = new Map<string, number>();
  #committing: Promise<void> = Promise.resolve();
  /** A recording of what is settled that waits for the one before it: all who ask meanwhile share it. */
  #next: Promise<void> | undefined;

  constructor(private readonly parts: GroupOffsetsParts) {}

  /** The next offset the group has recorded, as far as it is known here. */
  of(partition: TopicPartition): number | undefined {
    return this.#recorded.get(keyOf(partition));
  }

  forget(partition: TopicPartition): void {
    this.#recorded.delete(keyOf(partition));
  }

  /** Asks what the group has recorded. A partition without an offset is left out. @throws SluiceError `ENDPOINT_UNAVAILABLE` */
  async read(partitions: readonly TopicPartition[], timeoutMs: number): Promise<readonly Position[]> {
    const positions = await this.parts.ofConsumer().committed(partitions, timeoutMs);
    for (const position of positions) this.#recorded.set(keyOf(position), position.offset);
    return positions;
  }

  /** Records positions now. Rejects when they are not, or may not be, recorded. */
  commit(positions: readonly Position[]): Promise<void> {
    const { messaging, origin, ofConsumer } = this.parts;
    const done = this.#committing.then(async () => {
      await timed(positions, messaging, origin, () => ofConsumer().commit(positions));
      for (const position of positions) this.#recorded.set(keyOf(position), position.offset);
    });
    this.#committing = done.catch(() => {});
    return done;
  }

  /** Records what is settled once the recordings before it are done; what fails is told to the log and tried with the next. */
  commitSettled(): Promise<void> {
    this.#next ??= this.#committing.then(() => {
      this.#next = undefined;
      return this.commitSettledNow();
    });
    return this.#next;
  }

  /** As {@link commitSettled}, of what is settled at this moment. */
  async commitSettledNow(): Promise<void> {
    const lanes = new Map([...this.parts.lanes()].map((lane) => [keyOf(lane), lane]));
    const positions = settledOf([...lanes.values()]);
    if (positions.length === 0) return;
    try {
      await this.commit(positions);
      for (const position of positions) lanes.get(keyOf(position))?.recorded(position.offset);
    } catch (error) {
      this.parts.log.warn({ err: error }, 'offsets could not be recorded; they will be with the next ones');
    }
  }

  /** Records what was settled of lanes that are given back; a failure leaves it to be handed out again. */
  async commitLast(settled: readonly Position[]): Promise<void> {
    if (settled.length === 0) return;
    await this.commit(settled).catch((error: unknown) =>
      this.parts.log.warn({ err: error }, 'offsets could not be recorded when partitions were taken away'),
    );
  }
}

/** The next offsets to record of lanes; one that is recorded as far as it is settled is left out. */
export function settledOf(lanes: readonly Lane[]): readonly Position[] {
  return lanes.flatMap(({ topic, partition, toRecord }) =>
    toRecord === undefined ? [] : [{ topic, partition, offset: toRecord }],
  );
}
