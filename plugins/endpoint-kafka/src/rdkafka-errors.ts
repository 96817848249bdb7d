import { type ErrorKey, SluiceError } from '@sluice/core';

/** librdkafka's codes that this plugin branches on (rdkafka.h); `LibrdKafkaError.origin` is not to be trusted. */
export const CODE = {
  QUEUE_FULL: -184,
  MSG_TIMED_OUT: -192,
  ALL_BROKERS_DOWN: -187,
  TRANSPORT: -195,
  TIMED_OUT: -185,
  RESOLVE: -193,
  SSL: -181,
  AUTHENTICATION: -169,
  SASL_AUTHENTICATION_FAILED: 58,
  CLUSTER_AUTHORIZATION_FAILED: 31,
  UNKNOWN_TOPIC: -188,
  UNKNOWN_PARTITION: -190,
  FATAL: -150,
  WAIT_COORD: -180,
  PURGE_QUEUE: -152,
  PURGE_INFLIGHT: -151,
  ASSIGN_PARTITIONS: -175,
  REVOKE_PARTITIONS: -174,
  MSG_SIZE_TOO_LARGE: 10,
  RECORD_LIST_TOO_LARGE: 18,
  UNKNOWN_TOPIC_OR_PART: 3,
  LEADER_NOT_AVAILABLE: 5,
  NOT_LEADER_FOR_PARTITION: 6,
  REQUEST_TIMED_OUT: 7,
  NOT_ENOUGH_REPLICAS: 19,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 20,
  KAFKA_STORAGE_ERROR: 56,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  NOT_COORDINATOR: 16,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  TOPIC_AUTHORIZATION_FAILED: 29,
  GROUP_AUTHORIZATION_FAILED: 30,
  FENCED_INSTANCE_ID: 82,
  STALE_MEMBER_EPOCH: 113,
} as const;

/** The code of what librdkafka threw or called back with; undefined when it is not one of its errors. */
export function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (typeof code === 'number') return code;
  return typeof errno === 'number' ? errno : undefined;
}

/** The group is being given out anew, or this member is not of it any more: it joins again by itself. */
const REBALANCE: readonly (number | undefined)[] = [
  CODE.ILLEGAL_GENERATION,
  CODE.UNKNOWN_MEMBER_ID,
  CODE.REBALANCE_IN_PROGRESS,
  CODE.FENCED_INSTANCE_ID,
  CODE.STALE_MEMBER_EPOCH,
];

/** Whether a group has refused what it was asked because its members have changed: it was certainly not done. */
export function isRebalance(error: unknown): boolean {
  return REBALANCE.includes(codeOf(error));
}

const PUBLISH_KEYS: ReadonlyMap<number, ErrorKey> = new Map([
  [CODE.QUEUE_FULL, 'PUBLISH_QUEUE_FULL'],
  [CODE.MSG_TIMED_OUT, 'PUBLISH_TIMEOUT'],
  [CODE.TRANSPORT, 'PUBLISH_TIMEOUT'],
  [CODE.PURGE_INFLIGHT, 'PUBLISH_TIMEOUT'],
  // For now, says the broker, and `retries` are used up: an attempt before the last may have been stored.
  [CODE.LEADER_NOT_AVAILABLE, 'PUBLISH_TIMEOUT'],
  [CODE.NOT_LEADER_FOR_PARTITION, 'PUBLISH_TIMEOUT'],
  [CODE.REQUEST_TIMED_OUT, 'PUBLISH_TIMEOUT'],
  [CODE.NOT_ENOUGH_REPLICAS, 'PUBLISH_TIMEOUT'],
  [CODE.NOT_ENOUGH_REPLICAS_AFTER_APPEND, 'PUBLISH_TIMEOUT'],
  [CODE.KAFKA_STORAGE_ERROR, 'PUBLISH_TIMEOUT'],
  [CODE.PURGE_QUEUE, 'ENDPOINT_UNAVAILABLE'],
  [CODE.MSG_SIZE_TOO_LARGE, 'MESSAGE_TOO_LARGE'],
  [CODE.RECORD_LIST_TOO_LARGE, 'MESSAGE_TOO_LARGE'],
]);

/** No partition was chosen: the record has never left this process. */
const NO_PARTITION = -1;

/**
 * Why a record was not stored, or why that is not known.
 * @param partition that of the delivery report; absent for a record that librdkafka did not take
 * @param isUp whether a broker is there
 */
export function publishError(error: unknown, partition?: number, isUp = true): SluiceError {
  if (partition === NO_PARTITION && codeOf(error) === CODE.MSG_TIMED_OUT) {
    // With a broker there, it is the topic that is not.
    return new SluiceError(isUp ? 'PUBLISH_REFUSED' : 'ENDPOINT_UNAVAILABLE', { cause: error });
  }
  return new SluiceError(PUBLISH_KEYS.get(codeOf(error) ?? 0) ?? 'PUBLISH_REFUSED', { cause: error });
}
