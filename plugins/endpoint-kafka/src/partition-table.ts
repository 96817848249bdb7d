/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** `topic@partition`, the name of a partition in maps and notices. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}@${partition}`;
}

/** For each slot of a {@link PartitionTable} the offset of the last message received; -1 before the first. */
export type Progress = readonly number[];

/**
 * The partitions that a reader covers, each with a slot number, so that progress over all of them is an array of
 * numbers. Partitions are only ever added.
 */
export class PartitionTable {
  readonly #slots: TopicPartition[] = [];
  readonly #index = new Map<string, Map<number, number>>();
  #order: number[] = [];
  #missing: readonly string[];

  /** @param topics those that are read by name: one without a partition does not exist yet */
  constructor(topics: readonly string[] = []) {
    this.#missing = topics;
  }

  /** Topics that are read by name and have no partition yet. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Every partition, by slot. */
  get partitions(): readonly TopicPartition[] {
    return this.#slots;
  }

  /** Adds a partition and those with lower numbers, which a topic always has too, or finds it. */
  add(topic: string, partition: number): number {
    const known = this.slot(topic, partition);
    if (known !== undefined) return known;
    if (partition > 0) this.add(topic, partition - 1);
    const slot = this.#slots.push({ topic, partition }) - 1;
    const partitions = this.#index.get(topic) ?? new Map<number, number>();
    this.#index.set(topic, partitions.set(partition, slot));
    if (this.#missing.length > 0) this.#missing = this.#missing.filter((name) => name !== topic);
    this.#order = this.#slots.map((_, index) => index).sort((a, b) => this.#compare(a, b));
    return slot;
  }

  slot(topic: string, partition: number): number | undefined {
    return this.#index.get(topic)?.get(partition);
  }

  /** Slots by topic, then partition. */
  get order(): readonly number[] {
    return this.#order;
  }

  at(slot: number): TopicPartition {
    const found = this.#slots[slot];
    if (found === undefined) throw new RangeError(`no slot ${slot}`);
    return found;
  }

  #compare(a: number, b: number): number {
    const left = this.at(a);
    const right = this.at(b);
    if (left.topic === right.topic) return left.partition - right.partition;
    return left.topic < right.topic ? -1 : 1;
  }
}

/** Whether `progress` is as far as `other` in every slot; a slot not known yet counts as before its first message. */
export function reaches(progress: Progress, other: Progress): boolean {
  return other.every((last, slot) => (progress[slot] ?? -1) >= last);
}
