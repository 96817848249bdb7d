import type { Qos } from '@sluice/core';
import type { Watermarks } from './cluster.js';
import type { KafkaConsumerConfig } from './config.js';
import type { Position } from './consumer-listener.js';
import { keyOf, type TopicPartition } from './partition-table.js';
import { resetPosition } from './start-position.js';
import { hasPattern } from './topic-set.js';

/** Groups remembered that asked for topics that were not there; the one remembered first is forgotten. */
const MAX_REMEMBERED = 10_000;

/**
 * Topics that are new to a group when it has no position in them: they were not there when it first asked for them, or it
 * had a position, which has gone with the topic.
 */
export class MissingTopics {
  readonly #topics = new Map<string, Set<string>>();

  note(groupId: string, topic: string): void {
    const topics = this.#topics.get(groupId) ?? new Set();
    this.#topics.set(groupId, topics.add(topic));
    if (this.#topics.size > MAX_REMEMBERED) this.#topics.delete(this.#topics.keys().next().value as string);
  }

  has(groupId: string, topic: string): boolean {
    return this.#topics.get(groupId)?.has(topic) === true;
  }

  /** The group has a position in the topic now. */
  forget(groupId: string, topic: string): void {
    const topics = this.#topics.get(groupId);
    topics?.delete(topic);
    if (topics?.size === 0) this.#topics.delete(groupId);
  }
}

/** What a group reader is asked to read. */
interface Asked {
  readonly groupId: string;
  readonly qos: Qos;
  readonly topics: readonly string[];
}

/**
 * Where a group begins in partitions that it has recorded nothing of: decided once, when it first asks for them, and kept
 * until it is recorded.
 */
export class GroupStarts {
  readonly #starts = new Map<string, number>();
  readonly #taken = new Map<string, number>();
  /** Partitions that have been there from the beginning; undefined until that is known. */
  #known: ReadonlySet<string> | undefined;

  constructor(
    private readonly asked: Asked,
    private readonly reset: KafkaConsumerConfig['autoOffsetReset'],
    private readonly missing: MissingTopics,
  ) {}

  /** Notes what there is when the group's reader is opened: what comes later is new. */
  open(partitions: readonly TopicPartition[]): void {
    this.#known = new Set(partitions.map(keyOf));
    const { groupId, topics } = this.asked;
    const there = new Set(partitions.map(({ topic }) => topic));
    for (const topic of topics) {
      if (!hasPattern([topic]) && !there.has(topic)) this.missing.note(groupId, topic);
    }
  }

  /** The first record of each partition that was stored since the group's subscriber was taken. */
  taken(first: readonly Position[]): void {
    for (const position of first) this.#taken.set(keyOf(position), position.offset);
  }

  /** The start that was decided for a partition; undefined where there is none, or it has been recorded. */
  of(partition: TopicPartition): number | undefined {
    return this.#starts.get(keyOf(partition));
  }

  /**
   * Decides where a partition begins that the group has no recorded offset of: at its first record where it is new to the
   * group, else by `autoOffsetReset`.
   * @param recorded what the group has recorded of other partitions
   * @throws SluiceError `NO_INITIAL_OFFSET`
   */
  decide(partition: TopicPartition, marks: Watermarks, recorded: readonly TopicPartition[]): number {
    const key = keyOf(partition);
    const known = this.#starts.get(key);
    if (known !== undefined) return Math.max(known, marks.low);
    const start = this.#isNew(partition, recorded) ? marks.low : this.#reset(key, marks);
    this.#starts.set(key, start);
    return start;
  }

  /** The group has recorded these. */
  recorded(positions: readonly Position[]): void {
    for (const position of positions) {
      this.#starts.delete(keyOf(position));
      this.missing.forget(this.asked.groupId, position.topic);
    }
  }

  /**
   * Everything in a partition that has come into being since the subscriber was taken is its own. Of an older one it had a
   * place, which the cluster has forgotten: what it may have had since must not come again at most once.
   */
  #reset(key: string, marks: Watermarks): number {
    const taken = this.#taken.get(key);
    if (taken !== undefined && (taken <= marks.low || this.asked.qos !== 'at-most-once')) return taken;
    return resetPosition(this.reset, marks) + 1;
  }

  /** The group has a position in every partition that was there when it asked: one without has come since. */
  #isNew(partition: TopicPartition, recorded: readonly TopicPartition[]): boolean {
    if (this.#known !== undefined && !this.#known.has(keyOf(partition))) return true;
    if (this.missing.has(this.asked.groupId, partition.topic)) return true;
    if (recorded.some(({ topic }) => topic === partition.topic)) return true;
    return recorded.length > 0 && !this.asked.topics.includes(partition.topic);
  }
}
