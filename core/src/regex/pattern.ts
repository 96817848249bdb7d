import type { RE2JS } from 're2js';
import { underWatch } from './watch.js';

/** A regular expression that takes time in proportion to the text, whatever the pattern and the text. */
export interface Pattern {
  /**
   * Whether it matches somewhere, or the whole text where that was asked for.
   * @param timeMs how long it may take, 50 unless given
   * @throws PatternTimeout for a text that is too long for the pattern
   */
  test(text: string, timeMs?: number): boolean;
  /** The first match that begins at `from` or later; null when there is none. @throws PatternTimeout */
  find(text: string, from: number, timeMs?: number): PatternMatch | null;
  /** The pieces between matches, as Java's `split` has them: without empty ones at the end. @throws PatternTimeout */
  split(text: string, timeMs?: number): string[];
}

/** A match, as JavaScript's `exec` has it: itself, then its groups. */
export type PatternMatch = (string | undefined)[] & { index: number };

const TIME_MS = 50;
/** States times characters that a match may cost and still run without a watch: ten milliseconds at most. */
const CHEAP_STEPS = 200_000;

/** What must match at the beginning of a text too, or must not. */
export interface EngineCondition {
  readonly engine: RE2JS;
  readonly isNegated: boolean;
}

/** A {@link Pattern} over RE2. */
export class LinearPattern implements Pattern {
  readonly #size: number;

  constructor(
    private readonly engine: RE2JS,
    private readonly conditions: readonly EngineCondition[],
  ) {
    this.#size = [engine, ...conditions.map((condition) => condition.engine)].reduce(
      (sum, each) => sum + each.programSize(),
      0,
    );
  }

  test(text: string, timeMs = TIME_MS): boolean {
    return this.#run(text.length, timeMs, () => this.#holds(text) && this.engine.test(text));
  }

  find(text: string, from: number, timeMs = TIME_MS): PatternMatch | null {
    return this.#run(text.length - from, timeMs, () => {
      const matcher = this.engine.matcher(text);
      if (!this.#holds(text) || from > text.length || !matcher.find(from)) return null;
      const groups = Array.from(
        { length: matcher.groupCount() + 1 },
        (_, index) => matcher.group(index) ?? undefined,
      );
      return Object.assign(groups, { index: matcher.start() });
    });
  }

  split(text: string, timeMs = TIME_MS): string[] {
    // A match that is tried in vain may be tried from each place anew.
    return this.#run(text.length ** 2, timeMs, () => (this.#holds(text) ? this.engine.split(text) : [text]));
  }

  #holds(text: string): boolean {
    return this.conditions.every(({ engine, isNegated }) => engine.test(text) !== isNegated);
  }

  #run<T>(length: number, timeMs: number, work: () => T): T {
    return this.#size * length <= CHEAP_STEPS ? work() : underWatch(timeMs, work);
  }
}
