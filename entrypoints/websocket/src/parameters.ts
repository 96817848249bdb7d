import { type Qos, type RequestInfo, SluiceError } from '@sluice/core';

/** What a client says in the query of its handshake. */
export interface Parameters {
  readonly cursor?: string;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  /** Whether it acknowledges each message itself. */
  readonly acks: boolean;
}

/** @throws SluiceError `INVALID_PARAMETER` */
export function readParameters(
  { query }: Pick<RequestInfo, 'query'>,
  qos: Qos,
  enveloped: boolean,
): Parameters {
  for (const name of ['cursor', 'since', 'acks']) {
    if (query.getAll(name).length > 1) throw invalid(`${name} stands there more than once`);
  }
  const cursor = query.get('cursor') ?? '';
  const since = query.get('since') ?? '';
  if (qos === 'balanced' && (cursor !== '' || since !== '')) {
    throw invalid('the level "balanced" has no cursor; the gateway remembers where each client stands');
  }
  return {
    ...(cursor === '' ? {} : { cursor }),
    ...(since === '' ? {} : { since: timeOf(since) }),
    acks: acksOf(query.get('acks'), qos, enveloped),
  };
}

function acksOf(value: string | null, qos: Qos, enveloped: boolean): boolean {
  if (value === null || value === 'false') return false;
  if (value !== 'true') throw invalid('acks must be true or false');
  if (!enveloped)
    throw invalid('acks need the subprotocol sluice.json.v1: without it there is no frame for them');
  if (qos !== 'at-least-once') {
    throw invalid(
      `acks need the level at-least-once; this API has "${qos}", where they would change nothing`,
    );
  }
  return true;
}

function timeOf(text: string): number {
  const valid = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const time = valid ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw invalid('since must be a time such as 2026-01-31T12:00:00Z');
  return time;
}

function invalid(reason: string): SluiceError {
  return new SluiceError('INVALID_PARAMETER', { message: `Invalid parameter: ${reason}` });
}
