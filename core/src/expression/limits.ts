/** How much one evaluation may take. */
export interface ExpressionLimits {
  /** Milliseconds of wall time. */
  readonly timeMs: number;
  /** Nested evaluations of JSONata (a function call takes about three). */
  readonly depth: number;
  /** Of the result, as JSON in UTF-8. */
  readonly resultBytes: number;
  /** Characters of a text that JSONata builds on the way to its result. */
  readonly textLength: number;
  /** Entries of one list that JSONata makes. */
  readonly listLength: number;
}

/** The limits that hold unless others are given. */
export const DEFAULT_LIMITS: ExpressionLimits = {
  timeMs: 50,
  depth: 500,
  resultBytes: 1024 * 1024,
  textLength: 128 * 1024,
  listLength: 10_000,
};

/** A longer expression is refused when it is compiled. Characters. */
export const MAX_TEXT = 16_384;

/** Deeper nesting of brackets and operators is refused when an expression is compiled. */
export const MAX_NESTING = 100;
