import { refuseBuiltIn, refuseDirectives } from './refusals.js';

/** A piece of a body: text (which may hold `{#...}`), or what stood in `${...}`, with what to write when it is nothing. */
export type BodyPart =
  | { readonly text: string }
  | { readonly placeholder: string; readonly otherwise: string | undefined };

const COMMENT = /<#--[\s\S]*?-->/g;
const DEFAULT = /^([\s\S]*[^!=\s])\s*!\s*("[^"]*"|'[^']*'|[\d.]+|true|false)?$/;
const CLOSER: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Splits a body at its `${...}`. @throws Error telling what is not supported and what to write instead */
export function splitBody(body: string): readonly BodyPart[] {
  const text = body.replace(COMMENT, '');
  refuseDirectives(text);
  const parts: BodyPart[] = [];
  let from = 0;
  for (let at = text.indexOf(`\${`); at >= 0; at = text.indexOf(`\${`, from)) {
    const end = endOf(text, at + 2);
    if (at > from) parts.push({ text: text.slice(from, at) });
    parts.push(placeholderOf(text.slice(at + 2, end)));
    from = end + 1;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

function placeholderOf(inside: string): BodyPart {
  const text = inside.trim();
  if (text === '') throw new Error(`body: "\${}" names nothing; write \${message.content}, for example`);
  refuseBuiltIn(text);
  const found = DEFAULT.exec(text);
  if (found === null) return { placeholder: text, otherwise: undefined };
  return { placeholder: found[1] as string, otherwise: (found[2] ?? '').replace(/^["']|["']$/g, '') };
}

/** Where the `}` of a placeholder is. */
function endOf(text: string, start: number): number {
  const open: string[] = ['}'];
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    const closer = CLOSER[char];
    if (closer !== undefined) open.push(closer);
    else if (char === '"' || char === "'") at = endOfQuote(text, at);
    else if (char === open.at(-1) && open.length === 1) return at;
    else if (char === open.at(-1)) open.pop();
  }
  throw new Error(`body: the placeholder "${text.slice(start - 2, start + 20)}" is not closed`);
}

function endOfQuote(text: string, start: number): number {
  const end = text.indexOf(text.charAt(start), start + 1);
  return end < 0 ? text.length : end;
}
