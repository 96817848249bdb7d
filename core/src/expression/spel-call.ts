import { ExpressionSyntaxError, refused } from './faults.js';
import { methodHint } from './hints.js';
import { checkSplitter, writtenMatcher } from './java-regex.js';
import { compileJsonPath } from './json-path.js';
import { METHODS } from './methods.js';
import { near, unknownMember } from './names.js';
import type { SpelNode } from './spel-ast.js';
import type { TokenReader } from './token-reader.js';

/** Reads what follows a dot: a member, or a method with its arguments. */
export function postfixMember(tokens: TokenReader, of: SpelNode, expression: () => SpelNode): SpelNode {
  const { type, text, at } = tokens.peek;
  if (type !== 'name') throw tokens.unexpected('a name');
  tokens.take();
  if (tokens.accept('(')) return methodCall(of, text, readArguments(tokens, expression, ')'), at);
  const wrong = of.type === 'root' ? unknownMember(of.name, text) : undefined;
  if (wrong !== undefined) throw refused(wrong, at);
  return { type: 'member', of, name: text, at };
}

/** Reads expressions up to and with the symbol that closes them. */
export function readArguments(tokens: TokenReader, expression: () => SpelNode, close: string): SpelNode[] {
  const args: SpelNode[] = [];
  if (tokens.accept(close)) return args;
  do args.push(expression());
  while (tokens.accept(','));
  tokens.expect(close);
  return args;
}

/** A call, checked. @throws ExpressionSyntaxError for an unknown method, or arguments it does not take. */
export function methodCall(of: SpelNode, method: string, args: readonly SpelNode[], at: number): SpelNode {
  const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (known === undefined) {
    const meant = near(method, Object.keys(METHODS));
    const hint = methodHint(method) ?? (meant === undefined ? undefined : `.${meant}(...)`);
    throw refused(`the method "${method.slice(0, 64)}" is not supported`, at, hint);
  }
  const [least, most] = known.arity;
  if (args.length < least || args.length > most) {
    throw refused(
      `${method} takes ${least === most ? least : `${least} to ${most}`} arguments, not ${args.length}`,
      at,
    );
  }
  const [first] = args;
  const text = first?.type === 'literal' && typeof first.value === 'string' ? first.value : undefined;
  if (method === 'get' && text !== undefined) return { type: 'member', of, name: text, at };
  if (first !== undefined && text !== undefined && (method === 'matches' || method === 'split')) {
    within(first, () => void (method === 'matches' ? writtenMatcher : checkSplitter)(text));
  }
  return { type: 'call', of, method, args, at };
}

/** A call of `#jsonPath` or `#jsonEscape`, checked. */
export function functionCall(
  name: 'jsonPath' | 'jsonEscape',
  args: readonly SpelNode[],
  at: number,
): SpelNode {
  const takes = name === 'jsonPath' ? 2 : 1;
  if (args.length !== takes) throw refused(`${name} takes ${takes} arguments, not ${args.length}`, at);
  const [source, path] = args;
  if (path?.type === 'literal') within(path, () => compileJsonPath(String(path.value)));
  const parsed = name === 'jsonPath' && source !== undefined ? parsedContent(source) : undefined;
  if (parsed === undefined || path === undefined) return { type: 'function', name, args, at };
  return { type: 'function', name: 'select', args: [parsed, path], at };
}

/** `message.content` as `message.json`, which is parsed once for all expressions. */
function parsedContent(node: SpelNode): SpelNode | undefined {
  if (node.type !== 'member' || node.name !== 'content') return undefined;
  if (node.of.type !== 'root' || node.of.name !== 'message') return undefined;
  return { ...node, name: 'json' };
}

function within(literal: SpelNode, compile: () => unknown): void {
  try {
    compile();
  } catch (error) {
    throw error instanceof ExpressionSyntaxError ? error.movedBy(literal.at + 1) : error;
  }
}
