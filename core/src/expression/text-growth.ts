import { ExpressionTooLarge } from './faults.js';
import type { AfterNode } from './growth.js';
import type { ExpressionLimits } from './limits.js';

/** All texts that one evaluation builds may come to so many times the longest one. */
const TOTAL_FACTOR = 16;
/** A list that a function gives may have so many times the entries of one that JSONata makes. */
const LIST_FACTOR = 10;
/** Nodes that build something: what others give was there before. */
const BUILDERS: ReadonlySet<unknown> = new Set(['binary', 'function', 'apply']);

/**
 * Bounds the texts and lists that JSONata builds on the way to its result. V8 ends the whole process, from whatever thread, when
 * one of them outgrows what it can hold.
 */
export class TextGrowth {
  #total = 0;

  constructor(private readonly limits: ExpressionLimits) {}

  /** Begins an evaluation; they run one at a time. */
  begin(): void {
    this.#total = 0;
  }

  /** @throws ExpressionTooLarge */
  readonly afterNode: AfterNode = (node, _input, _environment, result) => {
    if (typeof result !== 'string' && !Array.isArray(result)) return;
    if (BUILDERS.has((node as { type?: unknown }).type)) this.built(result);
  };

  /** Counts what was built. @throws ExpressionTooLarge */
  built(value: unknown): void {
    const { textLength, listLength } = this.limits;
    if (Array.isArray(value)) {
      const most = listLength * LIST_FACTOR;
      if (value.length > most) throw new ExpressionTooLarge(`builds a list larger than ${most} entries`);
    }
    if (typeof value !== 'string') return;
    this.#total += value.length;
    if (value.length > textLength || this.#total > textLength * TOTAL_FACTOR) throw tooLong(textLength);
  }
}

/**
 * Asks whether a replacement stays within its bounds, before it is made. A replacement that is longer than the longest text may
 * be, but not by far, is found out behind it.
 * @param pattern a text; of any other each character may be a match
 * @throws ExpressionTooLarge
 */
export function replaceable(text: string, pattern: unknown, by: string, most: number): void {
  const added =
    typeof pattern === 'string'
      ? occurrences(text, pattern) * (by.length - pattern.length)
      : text.length * (by.length - 1);
  if (added > 0 && text.length + added > most) throw tooLong(most);
}

/** What joins a list may take. @throws ExpressionTooLarge */
export function joinable(list: unknown, separator: unknown, most: number): void {
  if (!Array.isArray(list)) return;
  const between = typeof separator === 'string' ? separator.length * Math.max(0, list.length - 1) : 0;
  let length = between;
  for (const item of list) length += typeof item === 'string' ? item.length : 0;
  if (length > most) throw tooLong(most);
}

function tooLong(most: number): ExpressionTooLarge {
  return new ExpressionTooLarge(`the expression builds texts larger than ${most} characters`);
}

function occurrences(text: string, part: string): number {
  if (part === '') return text.length + 1;
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
