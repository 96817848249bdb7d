import { type EntrypointHost, headerList, type RequestInfo, SluiceError } from '@sluice/core';
import type { HttpGetConfig } from './config.js';

/** What a client asked of its page. */
export interface PageRequest {
  /** Absent when it sent none. */
  readonly cursor?: string;
  /** Milliseconds since the epoch; absent when it named no time. */
  readonly since?: number;
  /** The most messages, 1 or more. */
  readonly count: number;
  /** As the query had it; absent when it had none. */
  readonly limit?: string;
  readonly durationMs: number;
  /** The whole seconds of `Prefer: wait` that are kept to; absent when there are none. */
  readonly waitSeconds?: number;
}

/** A date, or a date and time with its offset from UTC (RFC 3339). */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d))?$/i;

/** Reads query and `Prefer`. @throws SluiceError `INVALID_PARAMETER`, `INVALID_CURSOR` where the level keeps none */
export function readParameters(
  { query, headers }: Pick<RequestInfo, 'query' | 'headers'>,
  config: HttpGetConfig,
  qos: EntrypointHost['qos'],
): PageRequest {
  const limit = single(query, 'limit');
  if (limit !== undefined && !/^0*[1-9]\d{0,8}$/.test(limit)) {
    throw invalid(`limit must be a whole number from 1 to ${config.messagesLimitCount}; "${limit}" is not`);
  }
  // A query may have been sent with base64 as it is, where `+` stands for a space.
  const cursor = single(query, 'cursor')?.replaceAll(' ', '+');
  const since = readSince(single(query, 'since'));
  if (cursor !== undefined && since !== undefined) {
    throw invalid('cursor and since name two places to start from; send one of them');
  }
  if (qos === 'balanced' && (cursor !== undefined || since !== undefined)) {
    const message = 'This API keeps no cursor (qos "balanced"): send neither cursor nor since';
    throw new SluiceError('INVALID_CURSOR', { message });
  }
  const wait = readWait(headers.get('prefer'));
  const waitMs = wait === undefined ? undefined : Math.min(wait * 1000, config.maxWaitMs);
  return {
    ...(cursor === undefined ? {} : { cursor }),
    ...(since === undefined ? {} : { since }),
    count: Math.min(config.messagesLimitCount, Number(limit ?? config.messagesLimitCount)),
    ...(limit === undefined ? {} : { limit }),
    durationMs: waitMs ?? config.messagesLimitDurationMs,
    ...(waitMs === undefined ? {} : { waitSeconds: Math.floor(waitMs / 1000) }),
  };
}

/** Undefined when it is not there or empty. @throws SluiceError `INVALID_PARAMETER` when it stands there twice */
function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name).filter((value) => value !== '');
  if (values.length > 1) throw invalid(`${name} stands in the query more than once; send it once`);
  return values[0];
}

function readSince(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = INSTANT.test(text) ? Date.parse(text.replace(' ', '+').toUpperCase()) : Number.NaN;
  if (Number.isNaN(at)) {
    throw invalid(`since must be a time such as 2026-01-31T12:00:00Z; "${text}" is not`);
  }
  return at;
}

/** The seconds of `Prefer: wait` (RFC 7240 §4.3); as of any preference, one that is not valid is none. */
function readWait(prefer: readonly string[] | undefined): number | undefined {
  for (const preference of headerList(prefer)) {
    const match = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(preference);
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}

function invalid(message: string): SluiceError {
  return new SluiceError('INVALID_PARAMETER', { message });
}
