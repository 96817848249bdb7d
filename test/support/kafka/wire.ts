import { onTestFinished } from 'vitest';
import { type RelayWatch, startRelay } from './relay.js';
import { WireReader } from './wire-reader.js';

/** A request that a Kafka client sent, as the bytes on the wire say it (https://kafka.apache.org/protocol). */
export interface WireRequest {
  readonly api: number;
  readonly version: number;
  readonly clientId: string | null;
  /** When it had passed whole, `performance.now()`. */
  readonly at: number;
  /** Which of the relay's connections it came by, from 0. */
  readonly connection: number;
  /** The body, behind the header. */
  readonly body: WireReader;
}

/** Kafka's requests that passed a relay, or several. */
export interface WireLog {
  readonly requests: readonly WireRequest[];
  /** When each connection was opened and closed, `performance.now()`; NaN while it is open. */
  readonly connections: readonly { readonly openedAt: number; closedAt: number }[];
  /** Requests of one API. */
  of(api: number): readonly WireRequest[];
  /** For `startRelay`. */
  watch(): RelayWatch;
}

/** The numbers of Kafka's requests. */
export const API = {
  produce: 0,
  fetch: 1,
  metadata: 3,
  offsetCommit: 8,
  joinGroup: 11,
  heartbeat: 12,
  groupHeartbeat: 68,
} as const;

/** APIs whose header has tagged fields from this version on. */
const FLEXIBLE_SINCE: Readonly<Record<number, number>> = {
  [API.produce]: 9,
  [API.fetch]: 12,
  [API.metadata]: 9,
  [API.offsetCommit]: 8,
  [API.joinGroup]: 6,
  [API.heartbeat]: 4,
  [API.groupHeartbeat]: 0,
};

/** A log that a relay's `watch` fills. */
export function wireLog(): WireLog {
  const requests: WireRequest[] = [];
  const connections: { openedAt: number; closedAt: number }[] = [];
  return {
    requests,
    connections,
    of: (api) => requests.filter((request) => request.api === api),
    watch() {
      const place = { openedAt: performance.now(), closedAt: Number.NaN };
      const connection = connections.push(place) - 1;
      let rest = Buffer.alloc(0);
      return {
        toBroker(chunk) {
          rest = Buffer.concat([rest, chunk]);
          while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
            const size = rest.readInt32BE(0);
            requests.push(requestOf(Buffer.from(rest.subarray(4, 4 + size)), connection));
            rest = rest.subarray(4 + size);
          }
        },
        closed() {
          place.closedAt = performance.now();
        },
      };
    },
  };
}

/** Relays to a broker's listener whose advertised port is `port`, until the test ends, and keeps what passes. */
export async function tapWire(target: number, port: number): Promise<WireLog> {
  const log = wireLog();
  const relay = await startRelay(target, port, log.watch);
  onTestFinished(() => relay.close());
  return log;
}

function requestOf(bytes: Buffer, connection: number): WireRequest {
  const body = new WireReader(bytes);
  const api = body.int16();
  const version = body.int16();
  body.int32();
  const clientId = body.string(false);
  const flexible = version >= (FLEXIBLE_SINCE[api] ?? Number.POSITIVE_INFINITY);
  if (flexible) body.tags();
  body.flexible = flexible;
  return { api, version, clientId, at: performance.now(), connection, body };
}

/** What a produce request says, and the batches it carries. */
export function produceOf({ version, body }: WireRequest) {
  const read = body.again();
  if (version >= 3) read.string();
  const acks = read.int16();
  const timeoutMs = read.int32();
  const batches = read.array(() => {
    read.string();
    const found = read.array(() => {
      const partition = read.int32();
      const bytes = read.bytes();
      read.ended();
      return { partition, ...batchOf(bytes) };
    });
    read.ended();
    return found;
  });
  return { acks, timeoutMs, batches: batches.flat() };
}

/** A record batch of version 2: its size, its records, how it is compressed. */
function batchOf(bytes: Buffer) {
  return {
    bytes: bytes.length,
    codec: bytes.readInt16BE(21) & 7,
    /** -1n of a producer that is not idempotent. */
    producerId: bytes.readBigInt64BE(43),
    records: bytes.readInt32BE(57),
  };
}

/** What a fetch request asks for. */
export function fetchOf({ version, body }: WireRequest) {
  const read = body.again();
  if (version < 15) read.int32();
  const maxWaitMs = read.int32();
  const minBytes = read.int32();
  const maxBytes = read.int32();
  const isolationLevel = read.int8();
  if (version >= 7) read.skip(8);
  const partitions = read.array(() => {
    if (version >= 13) read.skip(16);
    else read.string();
    const limits = read.array(() => {
      read.int32();
      if (version >= 9) read.int32();
      read.skip(8);
      if (version >= 12) read.int32();
      if (version >= 5) read.skip(8);
      const maxBytes = read.int32();
      read.ended();
      return maxBytes;
    });
    read.ended();
    return limits;
  });
  if (version >= 7) {
    read.array(() => {
      if (version >= 13) read.skip(16);
      else read.string();
      read.array(() => read.int32());
      read.ended();
    });
  }
  const rack = version >= 11 ? read.string() : null;
  return { maxWaitMs, minBytes, maxBytes, isolationLevel, maxPartitionBytes: partitions.flat(), rack };
}

/** What a request to join a group says (classic protocol). */
export function joinOf({ version, body }: WireRequest) {
  const read = body.again();
  const groupId = read.string();
  const sessionTimeoutMs = read.int32();
  const rebalanceTimeoutMs = version >= 1 ? read.int32() : Number.NaN;
  read.string();
  const instanceId = version >= 5 ? read.string() : null;
  read.string();
  const strategies = read.array(() => {
    const name = read.string();
    read.bytes();
    read.ended();
    return name;
  });
  return { groupId, sessionTimeoutMs, rebalanceTimeoutMs, instanceId, strategies };
}
