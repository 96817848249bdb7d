import {
  type EntrypointHost,
  headerList,
  invalidParameter,
  type RequestInfo,
  readStart,
  type StartParameters,
  singleParameter,
} from '@sluice/core';
import type { HttpGetConfig } from './config.js';

/** What a client asked of its page. */
export interface PageRequest extends StartParameters {
  /** The most messages, 1 or more. */
  readonly count: number;
  /** As the query had it; absent when it had none. */
  readonly limit?: string;
  readonly durationMs: number;
  /** The whole seconds of `Prefer: wait` that are kept to; absent when there are none. */
  readonly waitSeconds?: number;
}

/** Reads query and `Prefer`. @throws SluiceError `INVALID_PARAMETER`, `INVALID_CURSOR` where the level keeps none */
export function readParameters(
  { query, headers }: Pick<RequestInfo, 'query' | 'headers'>,
  config: HttpGetConfig,
  qos: EntrypointHost['qos'],
): PageRequest {
  const limit = singleParameter({ query }, 'limit');
  if (limit !== undefined && !/^0*[1-9]\d{0,8}$/.test(limit)) {
    throw invalidParameter(
      `limit must be a whole number from 1 to ${config.messagesLimitCount}; "${limit}" is not`,
    );
  }
  const start = readStart(query, qos);
  const wait = readWait(headers.get('prefer'));
  const waitMs = wait === undefined ? undefined : Math.min(wait * 1000, config.maxWaitMs);
  return {
    ...start,
    count: Math.min(config.messagesLimitCount, Number(limit ?? config.messagesLimitCount)),
    ...(limit === undefined ? {} : { limit }),
    durationMs: waitMs ?? config.messagesLimitDurationMs,
    ...(waitMs === undefined ? {} : { waitSeconds: Math.floor(waitMs / 1000) }),
  };
}

/** The seconds of `Prefer: wait` (RFC 7240 §4.3); as of any preference, one that is not valid is none. */
function readWait(prefer: readonly string[] | undefined): number | undefined {
  for (const preference of headerList(prefer)) {
    const match = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(preference);
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}
