import { ROOTS } from './names.js';

const QUOTED_OR_MARKED = new RegExp(
  `"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|\`[^\`]*\`|#(${ROOTS.join('|')})\\b`,
  'gs',
);

const QUOTED_OR_NAME = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#([A-Za-z_]\w*)\b(?!\s*\()/gs;

/** The first name that is marked with `#` and is no root, outside of quotes: JSONata has no such thing. */
export function unknownMark(text: string): { readonly name: string; readonly offset: number } | undefined {
  for (const { 1: name, index } of text.matchAll(QUOTED_OR_NAME)) {
    if (name !== undefined && !(ROOTS as readonly string[]).includes(name))
      return { name, offset: index + 1 };
  }
  return undefined;
}

/** JSONata in which roots were marked with `#`, as JSONata: `$$` makes them roots wherever they stand. */
export interface Unmarked {
  readonly text: string;
  /** The offset in the marked text of one in the unmarked. */
  originalOffset(offset: number): number;
}

/** Takes the marks off the roots, outside of quotes. */
export function unmark(marked: string): Unmarked {
  const added: number[] = [];
  const text = marked.replaceAll(QUOTED_OR_MARKED, (whole: string, root: string | undefined, at: number) => {
    if (root === undefined) return whole;
    if (at === 0) return ` ${root}`;
    added.push(at + 2 * added.length);
    return `$$.${root}`;
  });
  return {
    text: text.startsWith('#') ? ` ${text.slice(1)}` : text,
    originalOffset: (offset) => offset - 2 * added.filter((at) => at < offset).length,
  };
}
