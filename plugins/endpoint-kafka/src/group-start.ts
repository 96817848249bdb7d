import type { SubscribeRequest } from '@sluice/core';
import type { Watermarks } from './cluster.js';
import type { Consumer } from './consumer.js';
import { parseCursor } from './cursor.js';
import type { GroupIdentity, GroupStart } from './group-subscription.js';
import type { PartitionTable, TopicPartition } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';
import { allWatermarks, givenCursor, positionsSince, progressOf, resetPosition } from './start-position.js';
import { namesOf } from './topic-set.js';

/** What a connection's start is worked out with. */
export interface GroupStartParts {
  readonly reader: ReaderParts;
  readonly identity: GroupIdentity;
  /** Every partition there is. */
  readonly table: PartitionTable;
  readonly encode: boolean;
  /** The member's consumer; undefined while there is none. */
  readonly consumer: Consumer | undefined;
  /** The next offset of the group in a partition; undefined where there is none. */
  readonly placeOf: (partition: TopicPartition) => number | undefined;
}

/**
 * Where a connection of a group begins: by its cursor where it gives one, by its time, else where the group is.
 * @throws SluiceError `INVALID_CURSOR`, `CURSOR_EXPIRED`, `NO_INITIAL_OFFSET`, `ENDPOINT_UNAVAILABLE`
 */
export async function groupStart(request: SubscribeRequest, parts: GroupStartParts): Promise<GroupStart> {
  const { reader, identity, table, encode, consumer, placeOf } = parts;
  const { autoOffsetReset: reset } = reader.shared.consumer;
  const cursor = identity.qos === 'balanced' ? undefined : request.cursor;
  const given =
    cursor === undefined
      ? undefined
      : givenCursor(table, namesOf(identity.topics), parseCursor(cursor, encode));
  const marks = await allWatermarks(reader.cluster, table);
  const ends = marks.map(({ high }) => high);
  if (given === undefined && request.since !== undefined) {
    const { bootstrapServers } = reader.config;
    const progress = await positionsSince(consumer, bootstrapServers, table, marks, request.since);
    return { progress, byCursor: progress.keys(), ends };
  }
  const ofGroup = (slot: number, mark: Watermarks) => {
    const next = placeOf(table.at(slot));
    return next === undefined ? resetPosition(reset, mark) : next - 1;
  };
  if (given === undefined) {
    return { progress: marks.map((mark, slot) => ofGroup(slot, mark)), byCursor: [], ends };
  }
  const onGap = request.onGap ?? (() => {});
  const progress = progressOf(given, table, marks, { reset, otherwise: ofGroup, onGap });
  return { progress, byCursor: [...given.slots.keys(), ...given.added], ends };
}
