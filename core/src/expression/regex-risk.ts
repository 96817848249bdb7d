import { refused } from './faults.js';

const QUANTIFIER = /(?:[*+?]|\{(\d+)(,)?(\d*)\})\??/y;
const GROUP = /\((?:\?(?:[:=!]|<[=!]|<\w+>))?/y;
/** More repetitions than this count as without an end, more optional parts make a pattern worth a watch. */
const FEW = 10;

interface Group {
  /** Something inside repeats without an end. */
  open: boolean;
  /** Something inside can match in several ways. */
  varies: boolean;
  /** The branch being read has an atom that matches exactly once. */
  fixed: boolean;
  /** A branch read before has none. */
  loose: boolean;
}

/**
 * How a pattern of JavaScript backtracks: at worst as the text's length to this power, where that is infinity without
 * such a bound.
 * @throws ExpressionSyntaxError for a repetition of nothing but repetitions, such as `(a+)+`, which is exponential.
 */
export function regexRisk(source: string): number {
  const groups: Group[] = [begun()];
  let open = 0;
  let optional = 0;
  let unbounded = false;
  for (let at = 0; at < source.length; ) {
    GROUP.lastIndex = at;
    const opened = GROUP.exec(source);
    const outer = groups.at(-1) ?? begun();
    if (opened !== null) {
      groups.push(begun());
      at += opened[0].length;
      continue;
    }
    if (source[at] === '|') {
      outer.loose ||= !outer.fixed;
      outer.fixed = false;
      outer.varies = true;
      at++;
      continue;
    }
    const closed = source[at] === ')' && groups.length > 1 ? groups.pop() : undefined;
    const into = groups.at(-1) ?? outer;
    const end = endOfAtom(source, at);
    QUANTIFIER.lastIndex = end;
    const quantifier = QUANTIFIER.exec(source);
    const kind = kindOf(quantifier);
    if (closed !== undefined) {
      const loose = closed.loose || !closed.fixed;
      if (kind === 'open' && closed.open && loose) {
        throw refused(
          `"${quantifier?.[0]}" repeats what repeats without end itself: such a pattern can take forever`,
          end,
          'one repetition, such as [ab]+ for (a+b*)+',
        );
      }
      unbounded ||= closed.varies && kind !== 'once' && kind !== 'optional';
      into.open ||= closed.open;
      into.varies ||= closed.varies;
      into.fixed ||= !loose && (kind === 'once' || kind === 'exact');
    } else if (kind === 'once' || kind === 'exact')
      into.fixed ||= !/^(?:\^|\$|\\[bB])/.test(source.slice(at, end));
    if (kind === 'open') open++;
    if (kind === 'optional' || kind === 'few') optional++;
    into.open ||= kind === 'open';
    into.varies ||= kind !== 'once' && kind !== 'exact';
    at = end + (quantifier?.[0].length ?? 0);
  }
  return unbounded || optional > FEW ? Number.POSITIVE_INFINITY : open;
}

function begun(): Group {
  return { open: false, varies: false, fixed: false, loose: false };
}

function kindOf(found: RegExpExecArray | null): 'once' | 'exact' | 'optional' | 'few' | 'open' {
  if (found === null) return 'once';
  const [whole, least, comma, most] = found;
  if (least === undefined) return whole.startsWith('?') ? 'optional' : 'open';
  if (comma === undefined) return Number(least) <= 1 ? 'once' : Number(least) <= FEW * FEW ? 'exact' : 'open';
  return most === '' || Number(most) > FEW ? 'open' : 'few';
}

function endOfAtom(source: string, at: number): number {
  if (source[at] === '\\') return Math.min(source.length, at + 2);
  if (source[at] !== '[') return at + 1;
  let end = at + 1;
  while (end < source.length && source[end] !== ']') end += source[end] === '\\' ? 2 : 1;
  return end + 1;
}
