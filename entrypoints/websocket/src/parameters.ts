import {
  invalidParameter,
  type Qos,
  type RequestInfo,
  readStart,
  type StartParameters,
  singleParameter,
} from '@sluice/core';

/** What a client says in the query of its handshake. */
export interface Parameters extends StartParameters {
  /** Whether it acknowledges each message itself. */
  readonly acks: boolean;
}

/** @throws SluiceError `INVALID_PARAMETER`; `INVALID_CURSOR` at the level that keeps none */
export function readParameters(
  { query }: Pick<RequestInfo, 'query'>,
  qos: Qos,
  enveloped: boolean,
): Parameters {
  return { ...readStart(query, qos), acks: acksOf(singleParameter({ query }, 'acks'), qos, enveloped) };
}

function acksOf(value: string | undefined, qos: Qos, enveloped: boolean): boolean {
  if (value === undefined || value === 'false') return false;
  if (value !== 'true') throw invalidParameter('acks must be true or false');
  if (!enveloped)
    throw invalidParameter('acks need the subprotocol sluice.json.v1: without it there is no frame for them');
  if (qos !== 'at-least-once') {
    throw invalidParameter(
      `acks need the level at-least-once; this API has "${qos}", where they would change nothing`,
    );
  }
  return true;
}
