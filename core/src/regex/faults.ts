/** A regular expression that cannot be used: its message says what is wrong, and what to write in its place. */
export class PatternSyntaxError extends Error {
  constructor(
    message: string,
    /** Characters from the start of the pattern. */
    readonly offset: number,
  ) {
    super(message);
    this.name = 'PatternSyntaxError';
  }

  /** The same error, for a pattern in which this one begins at `start`. */
  movedBy(start: number): PatternSyntaxError {
    return new PatternSyntaxError(this.message, this.offset + start);
  }
}

/** A pattern that is understood, and is longer or has more states than it may. */
export class PatternTooLarge extends PatternSyntaxError {
  override movedBy(start: number): PatternTooLarge {
    return new PatternTooLarge(this.message, this.offset + start);
  }
}

/** A match that was cut off: the text is too long for its pattern. */
export class PatternTimeout extends Error {
  /** @param timeMs how long it may take */
  constructor(timeMs: number) {
    super(`the regular expression took longer than ${Math.ceil(timeMs)} ms`);
    this.name = 'PatternTimeout';
  }
}
