import type { RequestInfo } from './context.js';
import { SluiceError } from './errors.js';
import { readInstant } from './instant.js';
import type { Qos } from './qos.js';

/** Where a client asks to begin. One of both, or none: then the endpoint decides. */
export interface StartParameters {
  /** Absent when it sent none. */
  readonly cursor?: string;
  /** Milliseconds since the epoch; absent when it named no time. */
  readonly since?: number;
}

/**
 * Reads from a query where a client asks to begin: `cursor`, for which `lastEventId` stands too in any of its spellings, or
 * `since`. Empty ones count as absent.
 * @throws SluiceError `INVALID_PARAMETER`; `INVALID_CURSOR` at the level that keeps none
 */
export function readStart(query: URLSearchParams, qos: Qos): StartParameters {
  const given = [...query].flatMap(([name, value]): [string, string][] => {
    const known = START_NAMES.get(name) ?? (isLastEventId(name) ? 'cursor' : undefined);
    return known === undefined || value === '' ? [] : [[known, value]];
  });
  const [first, second] = given;
  if (first === undefined) return {};
  if (second !== undefined) {
    const what =
      first[0] === second[0]
        ? `the query names a ${first[0]} more than once; send it once`
        : 'cursor and since name two places to start from; send one of them';
    throw invalidParameter(what);
  }
  if (qos === 'balanced') {
    const message = 'This API keeps no cursor (qos "balanced"): send neither cursor nor since';
    throw new SluiceError('INVALID_CURSOR', { message });
  }
  // Both may hold a plus that was sent as it is, which in a query stands for a space.
  const text = first[1].replaceAll(' ', '+');
  return first[0] === 'cursor' ? { cursor: text } : { since: timeOf(text) };
}

/** The only value of a parameter; undefined when it is absent or empty. @throws SluiceError `INVALID_PARAMETER` */
export function singleParameter({ query }: Pick<RequestInfo, 'query'>, name: string): string | undefined {
  const values = query.getAll(name).filter((value) => value !== '');
  if (values.length > 1) throw invalidParameter(`${name} stands in the query more than once; send it once`);
  return values[0];
}

/** @param message which parameter it is, and what would do */
export function invalidParameter(message: string): SluiceError {
  return new SluiceError('INVALID_PARAMETER', { message });
}

const START_NAMES: ReadonlyMap<string, 'cursor' | 'since'> = new Map([
  ['cursor', 'cursor'],
  ['since', 'since'],
]);

/** As a parameter it has no spelling of its own: the header, its property in browsers and their mixtures are all in use. */
function isLastEventId(name: string): boolean {
  return name.length <= 13 && name.toLowerCase().replaceAll(/[-_]/g, '') === 'lasteventid';
}

/** Clocks differ by so much; milliseconds. */
const CLOCK_SKEW_MS = 60_000;

function timeOf(text: string): number {
  const at = readInstant(text);
  if (at === undefined) {
    throw invalidParameter(`since must be a time such as 2026-01-31T12:00:00Z; "${text}" is not`);
  }
  // What comes until then would be read as if it were from then on.
  if (at <= Date.now() + CLOCK_SKEW_MS) return at;
  throw invalidParameter(`since must be a time that has been; "${text}" is still to come`);
}
