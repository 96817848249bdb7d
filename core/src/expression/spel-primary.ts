import { ExpressionSyntaxError, refused } from './faults.js';
import { SYMBOL_HINTS, typeHint } from './hints.js';
import { ROOTS, unknownRoot } from './names.js';
import type { SpelNode } from './spel-ast.js';
import { functionCall, readArguments } from './spel-call.js';
import type { Token } from './spel-tokens.js';
import type { TokenReader } from './token-reader.js';

const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
const FUNCTIONS: Readonly<Record<string, string>> = {
  xpath: 'message.json, for a content that is JSON',
  xmlEscape: '$replace(x, "<", "&lt;")',
};

/** Reads what stands alone: a literal, a root, a list, a call of a function, or an expression in parentheses. */
export function readPrimary(tokens: TokenReader, expression: () => SpelNode): SpelNode {
  const token = tokens.peek;
  const { type, at } = token;
  if (type === 'text') return literal(tokens.take().text, at);
  if (type === 'number') return number(tokens.take());
  if (type === 'name') {
    tokens.take();
    return named(tokens, token, false, expression);
  }
  if (tokens.accept('(')) {
    const node = expression();
    tokens.expect(')');
    return node;
  }
  if (tokens.accept('{')) return { type: 'list', items: readArguments(tokens, expression, '}'), at };
  if (tokens.accept('#')) {
    const name = tokens.peek;
    if (name.type !== 'name') throw tokens.unexpected('a name');
    return named(tokens, tokens.take(), true, expression);
  }
  const hint = token.text === '@' ? SYMBOL_HINTS['@'] : undefined;
  if (hint !== undefined) throw refused(`${hint[0]} ("@") is not supported`, at, hint[1]);
  throw tokens.unexpected('a value');
}

function named(
  tokens: TokenReader,
  { text, at }: Token,
  marked: boolean,
  expression: () => SpelNode,
): SpelNode {
  const lower = text.toLowerCase();
  if (!marked && Object.hasOwn(CONSTANTS, lower)) return literal(CONSTANTS[lower] ?? null, at);
  const called = tokens.peek.type === 'symbol' && tokens.peek.text === '(';
  if (called && (text === 'jsonPath' || text === 'jsonEscape')) {
    tokens.take();
    return functionCall(text, readArguments(tokens, expression, ')'), at);
  }
  if (called && Object.hasOwn(FUNCTIONS, text))
    throw refused(`#${text} is not supported`, at, FUNCTIONS[text]);
  if (called && text === 'T') throw typeReference(tokens, at);
  if (called) throw refused(`"${text.slice(0, 64)}" is not a function`, at);
  if (!marked && text === 'new') {
    throw refused('"new" is not supported', at, typeHint(tokens.peek.text) ?? '{"member": value}');
  }
  if (marked && (text === 'root' || text === 'this')) {
    throw refused(`#${text} is not supported`, at, ROOTS.join(', '));
  }
  if (!(ROOTS as readonly string[]).includes(text)) throw new ExpressionSyntaxError(unknownRoot(text), at);
  return { type: 'root', name: text, at };
}

function typeReference(tokens: TokenReader, at: number): ExpressionSyntaxError {
  tokens.take();
  let type = '';
  while (tokens.peek.type === 'name' || tokens.peek.text === '.') type += tokens.take().text;
  return refused(`the Java type ${type.slice(0, 100)} is not available`, at, typeHint(type));
}

function literal(value: string | boolean | null, at: number): SpelNode {
  return { type: 'literal', value, real: false, at };
}

function number({ text, at }: Token): SpelNode {
  const hex = /^0x/i.test(text);
  const value = Number(hex ? text.replace(/l$/i, '') : text.replace(/[lfd]$/i, ''));
  if (!Number.isFinite(value)) throw refused(`${text.slice(0, 40)} is too large`, at);
  return { type: 'literal', value, real: !hex && /[.efd]/i.test(text), at };
}
