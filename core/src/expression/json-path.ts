import { ExpressionFault, ExpressionSyntaxError, refused } from './faults.js';

type Step = { readonly name: string } | { readonly index: number } | 'all';

/** A compiled JSON path: gives what it selects in a value, null when that is not there. */
export type JsonPathQuery = (value: unknown) => unknown;

const STEP =
  /\.(?<member>[\p{L}_$][\p{L}\p{N}_$-]*)|\.(?<star>\*)|\[(?:'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)"|(?<index>-?\d{1,9})|(?<all>\*))\]/uy;

const NOT_SUPPORTED: readonly (readonly [pattern: RegExp, what: string, hint: string])[] = [
  [/^\.\./, 'a descent ("..")', 'message.json.**.name'],
  [/^\[\?/, 'a filter ("[?()]")', 'message.json.items[price > 3]'],
  [/^\[-?\d*:/, 'a slice ("[from:to]")', 'message.json.items[[0..2]]'],
  [/^\[[^\]]*,/, 'a union ("[a,b]")', '[message.json.a, message.json.b]'],
  [/^\[\(/, 'a script ("[()]")', 'message.json.items[-1]'],
  [/^\.\w+\(/, 'a function', '$count(message.json.items)'],
];

/**
 * Compiles the subset of JSON path (RFC 9535) that has members, brackets, indexes and wildcards.
 * A path with a wildcard gives a list, any other the value.
 * @throws ExpressionSyntaxError with the offset in the path.
 */
export function compileJsonPath(path: string): JsonPathQuery {
  const steps = parse(path);
  const definite = !steps.includes('all');
  return (value) => {
    let found: unknown[] = [value];
    for (const step of steps) found = found.flatMap((item) => follow(item, step));
    return definite ? (found[0] ?? null) : found;
  };
}

function parse(path: string): Step[] {
  const text = path.startsWith('$') ? path : `$${path.startsWith('[') ? '' : '.'}${path}`;
  const moved = text.length - path.length;
  const steps: Step[] = [];
  let at = 1;
  while (at < text.length) {
    const rest = text.slice(at);
    const unsupported = NOT_SUPPORTED.find(([pattern]) => pattern.test(rest));
    if (unsupported !== undefined) {
      throw refused(`jsonPath does not support ${unsupported[1]}`, Math.max(0, at - moved), unsupported[2]);
    }
    STEP.lastIndex = at;
    const groups = STEP.exec(text)?.groups;
    if (groups === undefined) {
      throw new ExpressionSyntaxError(
        `"${rest.slice(0, 10)}" is not a step of a JSON path`,
        Math.max(0, at - moved),
        undefined,
        true,
      );
    }
    const quoted = groups.single ?? groups.double;
    const name = groups.member ?? quoted?.replaceAll(/\\(.)/g, '$1');
    if (name !== undefined) steps.push({ name });
    else steps.push(groups.index === undefined ? 'all' : { index: Number(groups.index) });
    at = STEP.lastIndex;
  }
  return steps;
}

function follow(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === 'all') return Array.isArray(value) ? [...value] : Object.values(value);
  if ('index' in step) {
    const item: unknown = Array.isArray(value) ? value.at(step.index) : undefined;
    return item === undefined ? [] : [item];
  }
  if (Array.isArray(value) || !Object.hasOwn(value, step.name)) return [];
  return [(value as Readonly<Record<string, unknown>>)[step.name]];
}

/** JSON text as a value; null for null and an empty text. @throws ExpressionFault when it is not JSON. */
export function parseJson(text: unknown, what: string): unknown {
  if (text === null || text === undefined || text === '') return null;
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new ExpressionFault(`${what} is not JSON`);
  }
}
