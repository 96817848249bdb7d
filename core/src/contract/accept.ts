import { headerList } from './header-list.js';

/** A media range of an Accept header: `text/plain`, `text/*` or `*\/*`, in lower case, without its parameters. */
interface MediaRange {
  readonly range: string;
  /** From 0, which refuses, to 1. */
  readonly weight: number;
}

/** How an Accept header takes a type: by which of its ranges, and with what weight. */
interface Taken {
  readonly type: string;
  readonly weight: number;
  /** 2 where the type itself is named, 1 for `main/*`, 0 for any. */
  readonly specificity: number;
  /** Of the range, in the order sent. */
  readonly at: number;
}

/**
 * The type that a client prefers (RFC 9110 §12.5.1): the weight of a type is that of the most specific range for it; of equal
 * weights the more specific one comes first, then the order sent, then the order offered.
 * @param accept the lines of the Accept header
 * @param offered in lower case, without parameters
 * @param namedOnly those of `offered` that a wildcard does not stand for
 * @returns undefined when the client takes none of them, and when it sent no Accept header
 */
export function preferredType(
  accept: readonly string[] | undefined,
  offered: readonly string[],
  namedOnly: readonly string[] = [],
): string | undefined {
  return best(accept, offered, namedOnly)?.type;
}

/** The weight of {@link preferredType}, above 0 and at most 1; 0 when there is none. */
export function preferredWeight(
  accept: readonly string[] | undefined,
  offered: readonly string[],
  namedOnly: readonly string[] = [],
): number {
  return best(accept, offered, namedOnly)?.weight ?? 0;
}

function best(
  accept: readonly string[] | undefined,
  offered: readonly string[],
  namedOnly: readonly string[],
): Taken | undefined {
  const ranges = headerList(accept).map(mediaRange);
  if (ranges.length === 0) return undefined;
  return offered
    .flatMap((type) => taken(type, ranges) ?? [])
    .filter(({ type, weight, specificity }) => weight > 0 && (specificity === 2 || !namedOnly.includes(type)))
    .sort((a, b) => b.weight - a.weight || b.specificity - a.specificity || a.at - b.at)[0];
}

function taken(type: string, ranges: readonly MediaRange[]): Taken | undefined {
  const forms = ['*/*', `${type.split('/')[0]}/*`, type];
  for (let specificity = 2; specificity >= 0; specificity--) {
    const at = ranges.findIndex(({ range }) => range === forms[specificity]);
    const found = ranges[at];
    if (found !== undefined) return { type, weight: found.weight, specificity, at };
  }
  return undefined;
}

/** A weight that is none counts as 1, as if it were not there. */
function mediaRange(element: string): MediaRange {
  const [range = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
  const weights = parameters.map((parameter) => WEIGHT.exec(parameter)?.[1]);
  const given = weights.find((weight) => weight !== undefined);
  return { range, weight: given === undefined ? 1 : Number(given) };
}

const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
