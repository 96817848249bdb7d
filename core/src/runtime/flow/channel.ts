import { canonicalPath } from '../route/canonical-path.js';

/** A flow's channel, compiled: `:name` segments stand for anything without a slash. */
export interface Channel {
  /** The path parameters when it matches; undefined when it does not. */
  match(path: string): ReadonlyMap<string, string> | undefined;
  /** How well each of its segments fits a path: 1 when it is the same, a half for a parameter, else 0. */
  score(path: string): readonly number[];
}

/** How much of the path a channel must be. */
export type ChannelOperator = 'starts-with' | 'equals';

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');
const isSame = (part: string, segment: string | undefined): boolean =>
  part === segment || (segment !== undefined && part === canonicalPath(segment));

/**
 * Compiles a channel, `/books/:bookId`. Slashes at the ends, repeated ones and
 * percent-encoding make no difference.
 */
export function compileChannel(channel: string, operator: ChannelOperator): Channel {
  const pattern = segmentsOf(channel).map((part) => (part.startsWith(':') ? part : canonicalPath(part)));
  return {
    match(path) {
      const segments = segmentsOf(path);
      if (segments.length < pattern.length) return undefined;
      if (operator === 'equals' && segments.length !== pattern.length) return undefined;
      const params = new Map<string, string>();
      for (const [index, part] of pattern.entries()) {
        const segment = segments[index] as string;
        if (part.startsWith(':')) params.set(part.slice(1), segment);
        else if (!isSame(part, segment)) return undefined;
      }
      return params;
    },
    score(path) {
      const segments = segmentsOf(path);
      return pattern.map((part, index) => {
        if (part.startsWith(':')) return 0.5;
        return isSame(part, segments[index]) ? 1 : 0;
      });
    },
  };
}

/** Whether one score is better than another: the first segment that differs decides, and more segments beat fewer. */
export function isBetter(score: readonly number[], other: readonly number[]): boolean {
  for (let index = 0; index < Math.max(score.length, other.length); index++) {
    const difference = (score[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
