import { type GapNotice, SluiceError } from '@sluice/core';
import type { Position } from './consumer-listener.js';
import type { ConsumerOffsets } from './consumer-offsets.js';
import { isEmbeddedCluster } from './embedded-addresses.js';
import type { GroupOffsets } from './group-offsets.js';
import { GroupStarts } from './group-starts.js';
import type { GroupIdentity } from './group-subscription.js';
import { keyOf, type PartitionTable, type TopicPartition } from './partition-table.js';
import { isRebalance } from './rdkafka-errors.js';
import type { ReaderParts } from './reader-parts.js';
import { resetPosition } from './start-position.js';

/** How long the group's coordinator may take to say what is recorded, also while there is none yet. */
const RECORDED_TIMEOUT_MS = 10_000;

/** Where a partition continues. */
export interface ResumedPosition extends Position {
  /** Whether that is not what the group has recorded. */
  readonly moved: boolean;
  /** What its clients are told: it is not where the group was. */
  readonly gap?: GapNotice;
  /** Its topic was deleted and made again: progress in the old one means nothing. */
  readonly isMadeAgain?: boolean;
}

/** What the places of a group are worked out with. */
export interface GroupPlacesParts {
  readonly reader: ReaderParts;
  readonly identity: GroupIdentity;
  readonly table: PartitionTable;
  readonly offsets: GroupOffsets;
  /** Those of the member's consumer of now. */
  readonly ofConsumer: () => ConsumerOffsets;
  /** When the group's subscriber was taken; milliseconds since the epoch. */
  readonly takenAt: number | undefined;
}

/** Where a group stands in each partition, and where it begins in those that it has recorded nothing of. */
export class GroupPlaces {
  readonly #starts: GroupStarts;

  constructor(private readonly parts: GroupPlacesParts) {
    const { reader, identity } = parts;
    this.#starts = new GroupStarts(identity, reader.shared.consumer.autoOffsetReset, reader.missing);
  }

  /** The next offset of the group in a partition, recorded or decided; undefined where there is none. */
  of(partition: TopicPartition): number | undefined {
    return this.parts.offsets.of(partition) ?? this.#starts.of(partition);
  }

  /**
   * Reads what is recorded, and records where the group begins in partitions that it has no position in: from now on
   * nothing that is stored there is left out, whoever dies. A group that has members takes this from them alone; they have
   * recorded theirs when they came. To be called before joining, when all partitions there are have been found.
   * @throws SluiceError `ENDPOINT_UNAVAILABLE`
   */
  async open(): Promise<void> {
    const { reader, offsets, table } = this.parts;
    await offsets.read(table.partitions, RECORDED_TIMEOUT_MS);
    this.#starts.open(table.partitions);
    const unrecorded = table.partitions.filter((partition) => offsets.of(partition) === undefined);
    // Without a rule there is no start: that is for those to hear who come without a cursor.
    if (unrecorded.length === 0 || reader.shared.consumer.autoOffsetReset === 'none') return;
    const ends = await Promise.all(
      unrecorded.map(async (partition) => ({
        partition,
        marks: await reader.cluster.watermarks(partition.topic, partition.partition),
      })),
    );
    // After the ends: what is stored in between is found by its time.
    await this.#findTaken(unrecorded);
    const recorded = this.#recorded;
    const starts = ends.map(({ partition, marks }) => ({
      ...partition,
      offset: this.#starts.decide(partition, marks, recorded),
    }));
    try {
      await offsets.commit(starts);
      this.#starts.recorded(starts);
    } catch (error) {
      if (!isRebalance(error)) throw new SluiceError('ENDPOINT_UNAVAILABLE', { cause: error });
      reader.log.debug({ err: error }, 'the group has members: its start is recorded with theirs');
      await offsets.read(unrecorded, RECORDED_TIMEOUT_MS);
    }
  }

  /**
   * Where partitions continue that the group gives to this member: at its recorded offset while the partition still holds
   * it. What is not recorded is recorded before anything is read.
   * @throws SluiceError `ENDPOINT_UNAVAILABLE`, `NO_INITIAL_OFFSET`
   */
  async resume(partitions: readonly TopicPartition[]): Promise<readonly ResumedPosition[]> {
    const { offsets } = this.parts;
    const known = new Set(partitions.filter((each) => offsets.of(each) !== undefined).map(keyOf));
    const recorded = await offsets.read(partitions, RECORDED_TIMEOUT_MS);
    const positions = await Promise.all(
      partitions.map((partition) => {
        const position = recorded.find((each) => keyOf(each) === keyOf(partition));
        return this.#resume(partition, position, known.has(keyOf(partition)));
      }),
    );
    await this.#recordMoved(positions.filter(({ moved }) => moved));
    return positions;
  }

  /**
   * The member leaves: the group has a position in all its topics, so one that has none when a reader is opened again was
   * deleted and made again meanwhile, and is new to it. Or the cluster has forgotten the position of a group that was long
   * away: then this would be at most once a second time.
   */
  close(): void {
    const { reader, identity } = this.parts;
    if (identity.qos === 'at-most-once') return;
    for (const { topic } of this.#recorded) reader.missing.note(identity.groupId, topic);
  }

  get #recorded(): readonly TopicPartition[] {
    const { offsets, table } = this.parts;
    return table.partitions.filter((partition) => offsets.of(partition) !== undefined);
  }

  /** What was stored since the subscriber was taken is its own, though nothing of it is recorded. */
  async #findTaken(partitions: readonly TopicPartition[]): Promise<void> {
    const { takenAt, reader, ofConsumer } = this.parts;
    if (takenAt === undefined || reader.shared.consumer.autoOffsetReset !== 'latest') return;
    // It cannot answer for times.
    if (isEmbeddedCluster(reader.config.bootstrapServers)) return;
    this.#starts.taken(await ofConsumer().firstSince(partitions, takenAt));
  }

  /** @param known whether an offset of it was recorded before */
  async #resume(
    partition: TopicPartition,
    recorded: Position | undefined,
    known: boolean,
  ): Promise<ResumedPosition> {
    const { cluster, shared, log } = this.parts.reader;
    const marks = await cluster.watermarks(partition.topic, partition.partition);
    if (recorded !== undefined && recorded.offset >= marks.low && recorded.offset <= marks.high)
      return { ...recorded, moved: false };
    // The recorded offset is gone with the old topic, or lies behind the end of the new one.
    const isMadeAgain = recorded === undefined ? known : recorded.offset > marks.high;
    if (recorded === undefined && !isMadeAgain) {
      return { ...partition, offset: this.#starts.decide(partition, marks, this.#recorded), moved: true };
    }
    const { autoOffsetReset } = shared.consumer;
    const offset = isMadeAgain ? marks.low : resetPosition(autoOffsetReset, marks) + 1;
    const from = recorded?.offset ?? offset;
    const gap = { key: 'CURSOR_EXPIRED', source: keyOf(partition), from, to: offset } as const;
    log.warn(gap, "the partition no longer holds the group's recorded offset");
    return { ...partition, offset, moved: true, gap, isMadeAgain };
  }

  /** What fails is recorded with the next progress. */
  async #recordMoved(positions: readonly Position[]): Promise<void> {
    if (positions.length === 0) return;
    const moved = positions.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    try {
      await this.parts.offsets.commit(moved);
      this.#starts.recorded(moved);
    } catch (error) {
      this.parts.reader.log.warn({ err: error }, 'the start of partitions could not be recorded yet');
    }
  }
}
