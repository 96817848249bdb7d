import { refused } from './faults.js';

const CLASSES: Readonly<Record<string, string>> = {
  Alpha: 'a-zA-Z',
  Alnum: 'a-zA-Z0-9',
  Digit: '0-9',
  Lower: 'a-z',
  Upper: 'A-Z',
  XDigit: '0-9a-fA-F',
  Space: '\\s',
  Punct: '!-\\/:-@\\[-`{-~',
};

const REFUSED: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^(?:[*+?]|\{\d+(?:,\d*)?\})\+/, 'a possessive quantifier'],
  [/^\(\?>/, 'an atomic group'],
  [/^\(\?[a-zA-Z]*-?[a-zA-Z]+[:)]/, 'a flag inside the pattern'],
  [/^\\[1-9]/, 'a reference to a group'],
  [/^\\k/, 'a reference to a group'],
  [/^\\[GRXHVNhv]/, 'this escape'],
  [/^\\x\{/, 'this escape'],
  [/^\\[0ace]/, 'this escape'],
];

/**
 * A regular expression of Java as one of JavaScript.
 * @throws ExpressionSyntaxError for what JavaScript has not, with the offset in the pattern.
 */
export function fromJava(pattern: string): { readonly source: string; readonly flags: string } {
  const inline = /^\(\?([ismu]+)\)/.exec(pattern);
  const flags = new Set((inline?.[1] ?? '').replace('u', ''));
  let source = '';
  let inClass = false;
  for (let at = inline?.[0].length ?? 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const bad = REFUSED.find(([form]) => form.test(rest) && !(inClass && !rest.startsWith('\\')));
    if (bad !== undefined) throw refused(`${bad[1]} ("${rest.slice(0, 4)}") has no form in JavaScript`, at);
    const [taken, written] = readEscape(rest, inClass) ?? [1, rest.charAt(0)];
    if (/^\\p/i.test(rest) && written.startsWith('\\p')) flags.add('u');
    if (inClass && (rest.startsWith('&&') || rest.startsWith('['))) {
      throw refused('a class within a class has no form in JavaScript', at);
    }
    if (written === '[') inClass = true;
    else if (written === ']' && taken === 1) inClass = false;
    source += written;
    at += taken;
  }
  return { source, flags: [...flags].join('') };
}

function readEscape(rest: string, inClass: boolean): [taken: number, written: string] | undefined {
  if (rest.startsWith('\\Q')) {
    const end = rest.indexOf('\\E');
    const text = rest.slice(2, end < 0 ? undefined : end);
    return [end < 0 ? rest.length : end + 2, text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')];
  }
  const property = /^\\([pP])\{(\w+)\}/.exec(rest);
  if (property !== null) return [property[0].length, characterClass(property[1], property[2] ?? '', inClass)];
  if (!inClass && rest.startsWith('\\A')) return [2, '^'];
  if (!inClass && /^\\[zZ]/.test(rest)) return [2, '$'];
  return rest.startsWith('\\') ? [2, rest.slice(0, 2)] : undefined;
}

function characterClass(letter: string | undefined, name: string, inClass: boolean): string {
  const known = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (known === undefined) return `\\${letter}{${name.replace(/^Is(?=Alphabetic$|[A-Z][a-z]?$)/, '')}}`;
  if (inClass && letter === 'p') return known;
  return letter === 'p' ? `[${known}]` : `[^${known}]`;
}
