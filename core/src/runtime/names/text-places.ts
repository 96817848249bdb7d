import type { JsonPath } from '../../definition/problem.js';
import { EXPRESSION } from '../expression-paths.js';

/** A text of a definition that may hold expressions, and which roots have a value at its place. */
export interface TextPlace {
  readonly path: JsonPath;
  readonly text: string;
  /** Whether it is an expression without braces, too. */
  readonly bare: boolean;
  readonly kind: 'rule' | 'error' | 'message' | 'exchange';
}

/** Members for people, in which nothing is evaluated. */
const PROSE = new Set(['name', 'description']);
const BARE = new Set(['selectionRule', 'condition', 'messageCondition']);
const MESSAGE_PHASES = new Set<unknown>(['publish', 'subscribe']);

/** Every text below a value; with `start` as the path of the value itself. */
export function* textPlaces(value: unknown, start: JsonPath = []): Iterable<TextPlace> {
  if (typeof value === 'string') {
    const name = start.at(-1);
    const bare = typeof name === 'string' && BARE.has(name);
    if (bare || EXPRESSION.test(value)) yield { path: start, text: value, bare, kind: kindAt(start) };
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (isSwitchedOff(value, start)) return;
  const isList = Array.isArray(value);
  for (const [name, member] of Object.entries(value)) {
    if (!isList && PROSE.has(name) && typeof member === 'string') continue;
    yield* textPlaces(member, [...start, isList ? Number(name) : name]);
  }
}

/** Flows, steps and plans that are not in use: nothing of them is compiled. */
function isSwitchedOff(value: object, path: JsonPath): boolean {
  const { enabled, status } = value as { readonly enabled?: unknown; readonly status?: unknown };
  if (path[0] === 'plans' && path.length === 2) return status === 'closed' || status === 'staging';
  return (
    enabled === false && (path.includes('flows') || path[0] === 'steps') && !path.includes('configuration')
  );
}

/** Only texts that are evaluated for each message see one. */
function kindAt(path: JsonPath): TextPlace['kind'] {
  if (path.at(-1) === 'selectionRule') return 'rule';
  if (path[0] === 'responseTemplates') return 'error';
  if (path.at(-1) === 'condition') return 'exchange';
  const flow = path.lastIndexOf('flows');
  const phase = flow < 0 ? path[0] : path[flow + 2];
  if (MESSAGE_PHASES.has(phase)) return 'message';
  // The steps of a shared policy group may run in any phase.
  if (phase === 'steps') return 'message';
  return 'exchange';
}
