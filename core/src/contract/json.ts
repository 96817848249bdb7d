/** Values inside of each other that a JSON text may have: what walks over them calls itself once for each. */
export const MAX_JSON_DEPTH = 500;

/**
 * What a JSON text from outside says (RFC 8259).
 * @param mostValues of the whole text, about; any number when absent
 * @throws SyntaxError where it is not JSON, or has more than {@link MAX_JSON_DEPTH} values inside of each other, or too many
 */
export function parseJson(text: string, mostValues = Number.POSITIVE_INFINITY): unknown {
  const deep = tooDeepAt(text, MAX_JSON_DEPTH);
  if (deep !== undefined)
    throw new SyntaxError(`more than ${MAX_JSON_DEPTH} values inside of each other at position ${deep}`);
  // A value takes two bytes at least.
  if (text.length > 2 * mostValues && hasMoreThan(mostValues, text))
    throw new SyntaxError(`more than ${mostValues} values`);
  return JSON.parse(text);
}

/** The offset at which a text has more than `most` values inside of each other, whether it is JSON or not; undefined where it is not. */
export function tooDeepAt(text: string, most: number): number | undefined {
  let depth = 0;
  for (let offset = 0; offset < text.length; offset++) {
    switch (text.charCodeAt(offset)) {
      case QUOTE:
        offset = endOfString(text, offset);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > most) return offset;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
    }
  }
  return undefined;
}

/** Whether more values stand in a text than that, each but the first behind a comma or a colon. */
function hasMoreThan(most: number, text: string): boolean {
  let count = 1;
  for (let offset = 0; offset < text.length && count <= most; offset++) {
    const char = text.charCodeAt(offset);
    if (char === QUOTE) offset = endOfString(text, offset);
    else if (char === COMMA || char === COLON) count++;
  }
  return count > most;
}

const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The offset of the quote that closes the one at `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let escapes = end;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes--;
    if ((end - escapes) % 2 === 0) return end;
  }
}
