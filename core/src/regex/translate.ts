import { readClass } from './char-class.js';
import { code, complement, type Dialect, insideClass, NOT_ANY } from './char-sets.js';
import { readEscape } from './escape.js';
import { PatternSyntaxError, PatternTooLarge } from './faults.js';
import { type Quantifier, readQuantifier, repeated } from './quantifier.js';

/** RE2's own bound of one repetition in another. */
const MAX_REPEATS = 1000;
const MAX_DEPTH = 100;
const OPENING = /\((?:\?(?:[:]|<[=!]|<[A-Za-z]\w*>|[=!>]|[A-Za-z-]*[:)]))?/y;
const LOOK_AHEADS = 'a look-ahead is possible at the beginning, such as ^(?=.*[0-9])(?!.*__).{8,}$';

/** How a pattern is read. */
export interface Reading {
  readonly dialect: Dialect;
  /** `.` matches line ends. */
  readonly dotAll: boolean;
  /** `^` and `$` match at line ends. */
  readonly multiline: boolean;
  /** Letters match in either case. */
  readonly isCaseless: boolean;
  /** A larger pattern is refused: states of the machine that matches it, about. */
  readonly maxSize: number;
  /** Groups are refused. */
  readonly withoutGroups?: boolean;
}

interface Atom {
  readonly from: number;
  readonly size: number;
  /** The product of the repetitions in it, one in another. */
  readonly repeats: number;
  /** It has no parts. */
  readonly isSingle: boolean;
}

/**
 * A pattern without look-aheads in the words of RE2.
 * @throws PatternSyntaxError for what cannot be matched in linear time, or would take too much memory
 */
export function translate(pattern: string, reading: Reading): string {
  return new Translation(pattern, reading).run();
}

class Translation {
  #at = 0;
  #out = '';
  #size = 0;
  #repeats = 1;
  #atom: Atom | undefined;
  readonly #open: { at: number; from: number; size: number; repeats: number }[] = [];

  constructor(
    private readonly pattern: string,
    private readonly reading: Reading,
  ) {}

  run(): string {
    while (this.#at < this.pattern.length) this.#step();
    const left = this.#open.pop();
    if (left !== undefined) this.#fail('the group that begins here is not closed by ")"', left.at);
    return this.#out;
  }

  #step(): void {
    const { pattern, reading } = this;
    const char = String.fromCodePoint(pattern.codePointAt(this.#at) ?? 0);
    const quantifier = readQuantifier(pattern, this.#at);
    if (quantifier !== undefined) this.#repeat(quantifier);
    else if (char === '(') this.#begin();
    else if (char === ')') this.#end();
    else if (char === '|') this.#part(1, '|', false);
    else if (char === '[') {
      const { end, written } = readClass(pattern, this.#at, reading.dialect);
      this.#part(end - this.#at, written);
    } else if (char === '\\') this.#escape();
    else if (char === '^') this.#part(1, reading.multiline ? '(?m:^)' : '\\A');
    else if (char === '$') this.#part(1, reading.multiline ? '(?m:$)' : '\\z');
    else if (char === '.') this.#part(1, this.#any());
    else this.#part(char.length, /\w/.test(char) ? char : code(char.codePointAt(0) ?? 0));
  }

  #escape(): void {
    const { dialect } = this.reading;
    if (dialect === 'java' && this.pattern.startsWith('\\Q', this.#at)) this.#quote();
    else {
      const { taken, written } = readEscape(this.pattern, this.#at, dialect, false);
      this.#part(taken, written);
    }
  }

  #repeat(quantifier: Quantifier): void {
    const { taken, least, most } = quantifier;
    const atom = this.#atom;
    if (atom === undefined) {
      this.#fail('there is nothing to repeat here; write \\\\ before the character itself');
    }
    const repeats = atom.repeats * Math.max(1, most ?? 0, least);
    if (repeats > MAX_REPEATS && !atom.isSingle) {
      this.#fail(`a group is repeated more than ${MAX_REPEATS} times; check the length beside the pattern`);
    }
    this.#grow(atom.size * Math.max(0, (most ?? least + 1) - 1) + 1);
    this.#out = this.#out.slice(0, atom.from) + repeated(this.#out.slice(atom.from), quantifier);
    this.#repeats = Math.max(this.#repeats, repeats);
    this.#atom = undefined;
    this.#at += taken;
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#size > this.reading.maxSize)
      throw new PatternTooLarge('the pattern is too large; repeat less in it', this.#at);
  }

  #part(taken: number, written: string, isAtom = true): void {
    this.#atom = isAtom ? { from: this.#out.length, size: 1, repeats: 1, isSingle: true } : undefined;
    this.#out += written;
    this.#grow(1);
    this.#at += taken;
  }

  #any(): string {
    const { dotAll, dialect } = this.reading;
    return `[${insideClass(dotAll ? complement([]) : complement(NOT_ANY[dialect]))}]`;
  }

  #quote(): void {
    const end = this.pattern.indexOf('\\E', this.#at);
    const text = this.pattern.slice(this.#at + 2, end < 0 ? undefined : end);
    for (const char of text) this.#part(0, code(char.codePointAt(0) ?? 0));
    this.#at += end < 0 ? text.length + 2 : text.length + 4;
  }

  #begin(): void {
    OPENING.lastIndex = this.#at;
    const opening = OPENING.exec(this.pattern)?.[0] ?? '(?';
    const isPlain = opening === '(' || /^\(\?<\w/.test(opening);
    if (opening === '(?=' || opening === '(?!') this.#fail(`"${opening}" cannot stand here; ${LOOK_AHEADS}`);
    if (opening === '(?>') this.#fail('an atomic group ("(?>") is not supported; write (?: in its place');
    if (/^\(\?(?:[A-Za-z-]|$)/.test(opening)) {
      this.#fail('a flag inside the pattern is not supported; write it at the beginning, such as (?i)');
    }
    if (isPlain && this.reading.withoutGroups) this.#fail('a group within a look-ahead is written as (?:');
    if (this.#open.length >= MAX_DEPTH) this.#fail(`groups are nested deeper than ${MAX_DEPTH}`);
    this.#open.push({ at: this.#at, from: this.#out.length, size: this.#size, repeats: this.#repeats });
    this.#repeats = 1;
    this.#out += opening;
    this.#grow(isPlain ? 2 : 0);
    this.#at += opening.length;
    this.#atom = undefined;
  }

  #end(): void {
    const group = this.#open.pop();
    if (group === undefined) this.#fail('")" closes no group; write \\\\) for the character itself');
    this.#out += ')';
    this.#at++;
    this.#atom = { from: group.from, size: this.#size - group.size, repeats: this.#repeats, isSingle: false };
    this.#repeats = Math.max(this.#repeats, group.repeats);
  }

  #fail(message: string, at = this.#at): never {
    throw new PatternSyntaxError(message, at);
  }
}
