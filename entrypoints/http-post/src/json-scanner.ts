import { MAX_JSON_DEPTH } from '@sluice/core';
import { escapeLength, JsonFault, scalarLength, unexpected } from './json-scalars.js';

/** What may come next. */
type Expected = 'value' | 'firstItem' | 'firstKey' | 'key' | 'colon' | 'comma' | 'end';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads JSON (RFC 8259) off its bytes, step by step, so that whoever drives it can let others go first, and stop. What is within
 * strings is not looked into, but for their ends, escapes and control characters: they may be no UTF-8.
 */
export class JsonScanner {
  /** Whether the outermost value is an array; known once it has begun. */
  isArray = false;
  #at: number;
  #expected: Expected = 'value';
  #inString = false;
  #isKey = false;
  #depth = 0;
  /** By depth: whether it is an object; else it is an array. */
  readonly #objects = new Uint8Array(MAX_JSON_DEPTH + 1);
  #itemAt = 0;

  /**
   * @param onItem called with the place of each item of the outermost array, from its first byte to the one behind its last
   */
  constructor(
    private readonly bytes: Buffer,
    from: number,
    private readonly to: number,
    private readonly onItem: (from: number, to: number) => void = () => {},
  ) {
    this.#at = from;
  }

  /** Reads on, about `steps` bytes; whether it has come to the end. @throws JsonFault, and what `onItem` throws */
  advance(steps: number): boolean {
    const stop = Math.min(this.to, this.#at + steps);
    while (this.#at < stop) {
      if (this.#inString) this.#string(stop);
      else this.#token();
    }
    if (this.#at < this.to) return false;
    if (this.#expected !== 'end' || this.#inString)
      throw new JsonFault('is not valid JSON: it ends too early');
    return true;
  }

  #token(): void {
    const byte = this.bytes[this.#at] as number;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      this.#at++;
      return;
    }
    const char = String.fromCharCode(byte);
    const expected = this.#expected;
    if (expected === 'comma') this.#separator(char);
    else if (expected === 'colon') this.#single(char === ':', 'value');
    else if (expected === 'end') throw this.#fault();
    else if (char === '}' && expected === 'firstKey') this.#close();
    else if (char === ']' && expected === 'firstItem') this.#close();
    else if (expected === 'key' || expected === 'firstKey') {
      if (char !== '"') throw this.#fault();
      this.#open(true);
    } else this.#value(char);
  }

  #single(isRight: boolean, next: Expected): void {
    if (!isRight) throw this.#fault();
    this.#at++;
    this.#expected = next;
  }

  #separator(char: string): void {
    const inObject = this.#objects[this.#depth] === 1;
    if (char === ',') this.#single(true, inObject ? 'key' : 'value');
    else if (char === (inObject ? '}' : ']')) this.#close();
    else throw this.#fault();
  }

  #value(char: string): void {
    if (this.#depth === 0) this.isArray = char === '[';
    else if (this.#depth === 1 && this.isArray) this.#itemAt = this.#at;
    if (char === '{' || char === '[') {
      if (++this.#depth > MAX_JSON_DEPTH)
        throw new JsonFault(`is nested deeper than ${MAX_JSON_DEPTH} values`);
      this.#objects[this.#depth] = char === '{' ? 1 : 0;
      this.#single(true, char === '{' ? 'firstKey' : 'firstItem');
    } else if (char === '"') this.#open(false);
    else {
      this.#at += scalarLength(this.bytes, this.#at, this.to);
      this.#ended();
    }
  }

  #open(isKey: boolean): void {
    this.#at++;
    this.#inString = true;
    this.#isKey = isKey;
  }

  #string(stop: number): void {
    const { bytes } = this;
    let at = this.#at;
    while (at < stop) {
      const byte = bytes[at] as number;
      if (byte < 0x20) throw this.#fault(at);
      if (byte === QUOTE) {
        this.#at = at + 1;
        this.#inString = false;
        if (this.#isKey) this.#expected = 'colon';
        else this.#ended();
        return;
      }
      at += byte === BACKSLASH ? escapeLength(bytes, at, this.to) : 1;
    }
    this.#at = at;
  }

  #close(): void {
    this.#at++;
    this.#depth--;
    this.#ended();
  }

  #ended(): void {
    if (this.#depth === 1 && this.isArray) this.onItem(this.#itemAt, this.#at);
    this.#expected = this.#depth === 0 ? 'end' : 'comma';
  }

  #fault(at = this.#at): JsonFault {
    return unexpected(at);
  }
}
