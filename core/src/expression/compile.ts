import { compileJsonata, compileWrittenJsonata } from './evaluate.js';
import { ExpressionSyntaxError, failed, refused } from './faults.js';
import { unknownMark, unmark } from './jsonata-marks.js';
import { DEFAULT_LIMITS, type ExpressionLimits, MAX_NESTING, MAX_TEXT } from './limits.js';
import { unknownRoot } from './names.js';
import type { Scope } from './scope-type.js';
import { type Translation, translateSpel } from './spel.js';

/** One expression without its braces, compiled. It throws or rejects with `EXPRESSION_FAILED`. */
export interface CompiledExpression {
  readonly constant: boolean;
  /** Whether it evaluates at once; otherwise always to a promise. */
  readonly immediate: boolean;
  /** The same in JSONata. */
  readonly jsonata: string;
  run(scope: Scope): unknown;
}

/** The mark of the braces before what is not a variable. */
const BARE_MARK = /^#(?![A-Za-z_])|^#(?=(?:true|false|null|not)\b)/i;

/**
 * Compiles an expression in SpEL or JSONata, which is told by trying: SpEL first.
 * @throws ExpressionSyntaxError with the offset in `text`.
 */
export function compileExpression(
  text: string,
  limits: ExpressionLimits = DEFAULT_LIMITS,
): CompiledExpression {
  const found = inEitherLanguage(text, translateSpel, (jsonata) => compileWrittenJsonata(jsonata, limits));
  return found.spel === undefined
    ? asynchronous(text, found.jsonata.trim(), found.program)
    : fromSpel(text, found.spel, limits);
}

/** What a text is: SpEL, or JSONata, with the text that JSONata reads. */
export type InEitherLanguage<S, J> =
  | { readonly spel: S }
  | { readonly spel?: undefined; readonly jsonata: string; readonly program: J };

/**
 * Reads a text as SpEL, else as JSONata.
 * @throws ExpressionSyntaxError with the offset in `text`: of SpEL, unless JSONata understood more of it.
 */
export function inEitherLanguage<S, J>(
  text: string,
  asSpel: (text: string) => S,
  asJsonata: (text: string) => J,
): InEitherLanguage<S, J> {
  if (text.length > MAX_TEXT) throw refused(`the expression is longer than ${MAX_TEXT} characters`, MAX_TEXT);
  checkNesting(text);
  const spel = attempt(() => asSpel(text.replace(BARE_MARK, ' ')));
  if (!(spel instanceof ExpressionSyntaxError)) return { spel };
  if (spel.refused) throw spel;
  const unknown = unknownMark(text);
  if (unknown !== undefined) throw refused(unknownRoot(unknown.name), unknown.offset);
  const { text: jsonata, originalOffset } = unmark(text);
  const program = attempt(() => asJsonata(jsonata));
  if (program instanceof ExpressionSyntaxError) {
    const offset = originalOffset(program.offset);
    if (!program.refused && offset <= spel.offset) throw spel;
    throw new ExpressionSyntaxError(program.message, offset, program.suggestion, program.refused);
  }
  return { jsonata, program };
}

function fromSpel(text: string, { jsonata, compute, constant }: Translation, limits: ExpressionLimits) {
  if (compute === undefined) return asynchronous(text, jsonata, compileJsonata(jsonata, limits), constant);
  const run = (scope: Scope): unknown => {
    try {
      return compute(scope);
    } catch (error) {
      throw failed(text, error, jsonata);
    }
  };
  return { constant, immediate: true, jsonata, run };
}

function asynchronous(
  text: string,
  jsonata: string,
  program: (scope: Scope) => Promise<unknown>,
  constant = false,
): CompiledExpression {
  const run = async (scope: Scope): Promise<unknown> => {
    try {
      return await program(scope);
    } catch (error) {
      throw failed(text, error, jsonata);
    }
  };
  return { constant, immediate: false, jsonata, run };
}

/** Both parsers descend into brackets: deeper ones would take the stack. */
function checkNesting(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if ('([{'.includes(text.charAt(at)) && ++depth > MAX_NESTING) {
      throw refused(`nested deeper than ${MAX_NESTING}`, at);
    }
    if (')]}'.includes(text.charAt(at))) depth--;
  }
}

function attempt<T>(compile: () => T): T | ExpressionSyntaxError {
  try {
    return compile();
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error;
    if (error instanceof RangeError) return refused('the expression is nested too deep', 0);
    throw error;
  }
}
