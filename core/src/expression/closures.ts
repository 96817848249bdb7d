import { writtenMatcher } from './java-regex.js';
import { callStatic } from './java-statics.js';
import { compileJsonPath, parseJson } from './json-path.js';
import { isNumber } from './kinds.js';
import { callMethod, METHODS } from './methods.js';
import { compare, equal, given, single, textOf, truth } from './operations.js';
import type { Scope } from './scope-type.js';
import type { SpelNode } from './spel-ast.js';
import { at, member } from './view.js';

/** Evaluates at once, without a promise. */
export type Compute = (scope: Scope) => unknown;

type Binary = Extract<SpelNode, { type: 'binary' }>;

/**
 * The fast path: what selects, compares and combines, as closures. Undefined for what computes (arithmetic, lists,
 * methods that make texts), which goes through JSONata.
 */
export function compileClosures(node: SpelNode): Compute | undefined {
  switch (node.type) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'root': {
      const { name } = node;
      return (scope) => scope(name);
    }
    case 'member': {
      const { name } = node;
      return over(
        [node.of],
        ([of]) =>
          (scope) =>
            member(of(scope), name),
      );
    }
    case 'index':
      return over(
        [node.of, node.index],
        ([of, index]) =>
          (scope) =>
            at(of(scope), single(index(scope))),
      );
    case 'not':
      return over(
        [node.of],
        ([of]) =>
          (scope) =>
            !truth(of(scope)),
      );
    case 'negative': {
      const { of } = node;
      return isNumber(of) && of.type === 'literal' ? () => -Number(of.value) : undefined;
    }
    case 'binary':
      return compileBinary(node);
    case 'conditional':
      return over(
        [node.test, node.yes, node.no],
        ([test, yes, no]) =>
          (scope) =>
            truth(test(scope)) ? yes(scope) : no(scope),
      );
    case 'elvis':
      return over([node.left, node.right], ([left, right]) => (scope) => {
        const value = left(scope);
        return given(value) ? value : right(scope);
      });
    case 'call':
      return compileCall(node.of, node.method, node.args);
    case 'function':
      return compileFunction(node.name, node.args);
    case 'static': {
      const { name } = node;
      return over(
        node.args,
        (args) => (scope) =>
          callStatic(
            name,
            args.map((arg) => arg(scope)),
          ),
      );
    }
    case 'list':
      return undefined;
  }
}

type Computes<N extends readonly SpelNode[]> = { [K in keyof N]: Compute };

function over<const N extends readonly SpelNode[]>(
  nodes: N,
  combine: (parts: Computes<N>) => Compute,
): Compute | undefined {
  const parts = nodes.map(compileClosures);
  return parts.includes(undefined) ? undefined : combine(parts as Computes<N>);
}

function compileBinary({ operator, left, right }: Binary): Compute | undefined {
  if ('+-*/%'.includes(operator)) return undefined;
  return over([left, right], ([a, b]): Compute => {
    if (operator === '==') return (scope) => equal(a(scope), b(scope));
    if (operator === '!=') return (scope) => !equal(a(scope), b(scope));
    if (operator === '&&') return (scope) => truth(a(scope)) && truth(b(scope));
    if (operator === '||') return (scope) => truth(a(scope)) || truth(b(scope));
    return (scope) => compare(operator as '<', a(scope), b(scope));
  });
}

function compileCall(of: SpelNode, name: string, args: readonly SpelNode[]): Compute | undefined {
  const gives = METHODS[name]?.gives;
  if (gives !== 'boolean' && gives !== 'any') return undefined;
  const [first] = args;
  if (name === 'matches') {
    if (first?.type !== 'literal' || typeof first.value !== 'string') return undefined;
    // Compiled here, so that no evaluation pays for it.
    const matches = writtenMatcher(first.value);
    return over(
      [of],
      ([target]) =>
        (scope) =>
          matchesText(matches, target(scope)),
    );
  }
  return over([of, ...args], ([target, ...values]) => (scope) => {
    return callMethod(
      name,
      target?.(scope),
      values.map((value) => value(scope)),
    );
  });
}

/** As {@link callMethod} has it: null matches nothing. */
function matchesText(matches: (text: string) => boolean, target: unknown): boolean {
  return target === null || target === undefined ? false : matches(textOf(target));
}

function compileFunction(name: string, args: readonly SpelNode[]): Compute | undefined {
  const [source, path] = args;
  if (name === 'jsonEscape' || source === undefined || path?.type !== 'literal') return undefined;
  const query = compileJsonPath(String(path.value));
  return over([source], ([text]) => {
    if (name === 'select') return (scope) => query(text(scope));
    return (scope) => query(parseJson(single(text(scope)), 'the first argument of jsonPath'));
  });
}
