import { ExpressionSyntaxError, refused } from './faults.js';
import { SYMBOL_HINTS, typeHint } from './hints.js';
import { STATIC_CONSTANTS, STATICS, typeName } from './java-statics.js';
import { near, ROOTS, unknownRoot } from './names.js';
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
  if (called && text === 'T') return typeReference(tokens, at, expression);
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

/** A static method of a Java type, or one of its constants. @throws ExpressionSyntaxError for any that is not there */
function typeReference(tokens: TokenReader, at: number, expression: () => SpelNode): SpelNode {
  tokens.take();
  let written = '';
  while (tokens.peek.type === 'name' || tokens.peek.text === '.') written += tokens.take().text;
  const type = typeName(written);
  if (type === undefined) {
    throw refused(`the Java type ${written.slice(0, 100)} is not available`, at, typeHint(written));
  }
  if (!tokens.accept(')') || !tokens.accept('.')) {
    throw refused(`a method must follow the type ${written}`, tokens.peek.at);
  }
  const { text: member, at: place } = tokens.take();
  const constant = `${type}.${member}`;
  if (Object.hasOwn(STATIC_CONSTANTS, constant) && tokens.peek.text !== '(') {
    return {
      type: 'literal',
      value: STATIC_CONSTANTS[constant] ?? null,
      real: member === 'PI' || member === 'E',
      at,
    };
  }
  const methods = STATICS[type] ?? {};
  const found = Object.hasOwn(methods, member) ? methods[member] : undefined;
  if (found === undefined || !tokens.accept('(')) {
    const names = Object.keys(methods);
    const meant = near(member, names);
    throw refused(
      `${written} has no "${member.slice(0, 64)}" here; ${meant === undefined ? `there is ${names.join(', ')}` : `did you mean "${meant}"?`}`,
      place,
      typeHint(written),
    );
  }
  const args = readArguments(tokens, expression, ')');
  const [least, most] = found.arity;
  if (args.length < least || args.length > most) {
    throw refused(`${member} takes ${least} arguments, not ${args.length}`, place);
  }
  return { type: 'static', name: constant, args, at };
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
