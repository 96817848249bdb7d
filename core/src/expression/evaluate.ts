import { createRequire } from 'node:module';
import type Jsonata from 'jsonata';
import { underWatch } from '../regex/index.js';
import { cpuMs, wasHeldUp } from '../threads/cpu-time.js';
import { FarJsonata } from './far-jsonata.js';
import { ExpressionFault, ExpressionSyntaxError, isTooLong } from './faults.js';
import { type AfterNode, boundedGrowth } from './growth.js';
import { gated } from './java-regex.js';
import { checkJsonata } from './jsonata-check.js';
import { FUNCTIONS, GUARDS, UNBOUNDED } from './jsonata-functions.js';
import { jsonataInput, unseen } from './jsonata-view.js';
import { inTurn } from './lane.js';
import { DEFAULT_LIMITS, type ExpressionLimits } from './limits.js';
import { nullsRefused } from './nulls-refused.js';
import { readsOf } from './reads.js';
import { regexEngine } from './regex-engine.js';
import type { Scope } from './scope-type.js';
import { TextGrowth } from './text-growth.js';

/** An expression in JSONata, compiled. */
export type JsonataProgram = (scope: Scope) => Promise<unknown>;

interface BuiltIn {
  readonly implementation: (this: Jsonata.Focus, ...args: unknown[]) => unknown;
  readonly signature?: { readonly definition: string };
}

const require = createRequire(import.meta.url);
/** The library, loaded when an expression needs it: most definitions have none in JSONata. */
const library = () => require('jsonata') as typeof Jsonata;

let guarded: Promise<readonly (readonly [name: string, builtIn: BuiltIn])[]> | undefined;

/** JSONata's own functions that {@link GUARDS} stand before. */
function guardedFunctions() {
  guarded ??= Promise.all(
    Object.keys(GUARDS).map(async (name) => [name, await library()(`$${name}`).evaluate({})] as const),
  );
  return guarded;
}

/** How a {@link JsonataProgram} compares. */
export interface Comparing {
  /** Whether a comparison with a value that is not there fails, unless null is what it is compared with. */
  readonly refusesNull?: boolean;
}

/**
 * Compiles JSONata. Evaluations are bounded in time and depth and in the length of lists, by JSONata's own options. Those
 * that read little run one at a time on the event loop, the others in threads; the result is not bounded here.
 * @throws ExpressionSyntaxError with the offset in `text`.
 */
export function compileJsonata(
  text: string,
  limits: ExpressionLimits,
  comparing: Comparing = {},
): JsonataProgram {
  const { program, ast } = compileHere(text, limits, comparing);
  const here = (scope: Scope) => inTurn(() => inItsTime(limits.timeMs, () => program(scope)));
  // A secret is looked up where it is.
  if (/secrets/.test(text)) return here;
  const far = new FarJsonata(text, limits, comparing, readsOf(ast), here);
  return (scope) => far.evaluate(scope);
}

/** Time is wall time: what the machine held up is evaluated once more, what used its time is not. */
async function inItsTime<T>(timeMs: number, work: () => Promise<T>): Promise<T> {
  const began = cpuMs();
  try {
    return await work();
  } catch (error) {
    if (isTooLong(error) && wasHeldUp(began, timeMs)) return work();
    throw error;
  }
}

/** Compiles JSONata to be evaluated in this thread, with its tree. @throws ExpressionSyntaxError as `compileJsonata` */
export function compileHere(
  text: string,
  limits: ExpressionLimits,
  { refusesNull = false }: Comparing = {},
): { readonly program: JsonataProgram; readonly ast: unknown } {
  const expression = parse(text, limits);
  for (const [name, implementation] of Object.entries(FUNCTIONS)) {
    expression.registerFunction(name, (...args: unknown[]) => implementation(...args.map(unseen)));
  }
  const texts = new TextGrowth(limits);
  const isGuarded = guardedFunctions().then((functions) => {
    for (const [name, { implementation, signature }] of functions) {
      const checked = function (this: Jsonata.Focus, ...args: unknown[]): unknown {
        GUARDS[name]?.(limits, args.map(unseen));
        const given = UNBOUNDED.includes(name)
          ? gated(() => underWatch(limits.timeMs / 2, () => implementation.apply(this, args)))
          : implementation.apply(this, args);
        // A function that another calls is no node of its own.
        texts.built(given);
        return given;
      };
      expression.registerFunction(name, checked, signature?.definition);
    }
  });
  const checks: AfterNode[] = [];
  // Without one of these nothing is built.
  if (/[&$]/.test(text)) checks.push(texts.afterNode);
  // Without these nothing can hold another value twice, over and over; the rest is spared the cost.
  if (/:=|function|λ|[{[].*[{[]/s.test(text)) checks.push(boundedGrowth(limits.resultBytes));
  if (refusesNull) checks.push(nullsRefused());
  const [first] = checks;
  if (first !== undefined) {
    // The types know names alone, JSONata also its own symbols.
    const afterNode = Symbol.for('jsonata.__evaluate_exit') as unknown as string;
    // Called after every node: most expressions have one check.
    expression.assign(afterNode, checks.length === 1 ? first : all(checks));
  }
  const program = async (scope: Scope) => {
    await isGuarded;
    texts.begin();
    return unseen(withoutFunction(await expression.evaluate(jsonataInput(scope))));
  };
  return { program, ast: expression.ast() };
}

/**
 * Compiles JSONata that a person wrote, and checks what JSONata itself would only find when evaluating.
 * @throws ExpressionSyntaxError with the offset in `text`.
 */
export function compileWrittenJsonata(
  text: string,
  limits: ExpressionLimits,
  comparing: Comparing = {},
): JsonataProgram {
  const { ast } = parse(text, limits);
  checkJsonata(ast());
  return compileJsonata(text, limits, comparing);
}

function all(checks: readonly AfterNode[]): AfterNode {
  return (...node) => {
    for (const check of checks) check(...node);
  };
}

/** The tree of a text in JSONata. @throws ExpressionSyntaxError */
export function parseJsonata(text: string): unknown {
  return parse(text, DEFAULT_LIMITS).ast();
}

function withoutFunction(value: unknown): unknown {
  const marks = value as { _jsonata_function?: unknown; _jsonata_lambda?: unknown } | null | undefined;
  if (marks?._jsonata_function !== true && marks?._jsonata_lambda !== true) return value;
  throw new ExpressionFault('the value is a function');
}

function parse(text: string, { timeMs, depth, listLength }: ExpressionLimits): Jsonata.Expression {
  const RegexEngine = regexEngine(timeMs);
  try {
    return library()(text, { timeout: timeMs, stack: depth, sequence: listLength, RegexEngine });
  } catch (error) {
    const { message, position } = error as { message?: unknown; position?: unknown };
    const at = typeof position === 'number' ? Math.min(Math.max(0, position - 1), text.length) : 0;
    throw new ExpressionSyntaxError(typeof message === 'string' ? message : 'this is not JSONata', at);
  }
}
