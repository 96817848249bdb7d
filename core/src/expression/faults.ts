import { SluiceError } from '../contract/errors.js';

/** An expression that cannot be compiled: found when a definition is deployed. */
export class ExpressionSyntaxError extends Error {
  constructor(
    message: string,
    /** Characters from the start of the text that was given to compile. */
    readonly offset: number,
    /** A JSONata form that would do, where one is known. */
    readonly suggestion?: string,
    /** Whether the construct was understood and is refused, so that no other reading needs to be tried. */
    readonly refused = false,
  ) {
    super(message);
    this.name = 'ExpressionSyntaxError';
  }

  /** The same error, for a text in which this one begins at `start`. */
  movedBy(start: number): ExpressionSyntaxError {
    return new ExpressionSyntaxError(this.message, this.offset + start, this.suggestion, this.refused);
  }
}

/** An error for what is understood but not supported. */
export function refused(message: string, offset: number, suggestion?: string): ExpressionSyntaxError {
  return new ExpressionSyntaxError(message, offset, suggestion, true);
}

/** Why an evaluation cannot go on: thrown by operations, turned into `EXPRESSION_FAILED` by {@link failed}. */
export class ExpressionFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpressionFault';
  }
}

/** An evaluation that met, or came to, more than an expression may: what was sent is too large for it. */
export class ExpressionTooLarge extends ExpressionFault {
  constructor(message: string) {
    super(message);
    this.name = 'ExpressionTooLarge';
  }
}

/** JSONata's code for a list that grew too long. */
const LIST_TOO_LONG = 'D2015';

/** JSONata's code for an evaluation that took too long. */
const TIMED_OUT = 'D1012';

/** Whether an evaluation ended because its time was over. */
export function isTooLong(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | null)?.code === TIMED_OUT;
}

/** Whether an evaluation met, or came to, more than it may. */
export function isTooLarge(thrown: unknown): boolean {
  return (
    thrown instanceof ExpressionTooLarge || (thrown as { code?: unknown } | null)?.code === LIST_TOO_LONG
  );
}

/** Whether an expression, written in JSONata, reads what a client sends beside its content. */
const READS_REQUEST = /(?<![\w'"`.])request\b/;

/**
 * What an evaluation of `text` throws. The reason is for the log; a client reads the table's message. Its status says whose
 * doing it is: 413 where what it met is too large, 400 where the expression reads the request, since with another it would
 * have been right; else the definition's, 500.
 * @param jsonata the same expression in JSONata
 */
export function failed(text: string, thrown: unknown, jsonata = ''): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const said = typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown;
  const shown = text.length > 200 ? `${text.slice(0, 200)}...` : text;
  const cause = new Error(`${shown}: ${String(said)}`, thrown instanceof Error ? { cause: thrown } : {});
  if (isTooLarge(thrown)) return new SluiceError('EXPRESSION_FAILED', { cause, status: 413 });
  const isClients = READS_REQUEST.test(jsonata) && !isTooLong(thrown);
  return new SluiceError('EXPRESSION_FAILED', { cause, ...(isClients ? { status: 400 } : {}) });
}
