/** Operators of two operands, in one spelling each. */
export type BinaryOperator =
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

/** An expression as parsed. `at` is the offset of what names the node. */
export type SpelNode =
  | {
      readonly type: 'literal';
      readonly value: string | number | boolean | null;
      /** A number written with a fraction: SpEL divides it as a real number. */
      readonly real: boolean;
      readonly at: number;
    }
  | { readonly type: 'root'; readonly name: string; readonly at: number }
  | { readonly type: 'member'; readonly of: SpelNode; readonly name: string; readonly at: number }
  | { readonly type: 'index'; readonly of: SpelNode; readonly index: SpelNode; readonly at: number }
  | { readonly type: 'list'; readonly items: readonly SpelNode[]; readonly at: number }
  | { readonly type: 'not' | 'negative'; readonly of: SpelNode; readonly at: number }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: SpelNode;
      readonly right: SpelNode;
      readonly at: number;
    }
  | {
      readonly type: 'conditional';
      readonly test: SpelNode;
      readonly yes: SpelNode;
      readonly no: SpelNode;
      readonly at: number;
    }
  | { readonly type: 'elvis'; readonly left: SpelNode; readonly right: SpelNode; readonly at: number }
  | {
      readonly type: 'call';
      readonly of: SpelNode;
      readonly method: string;
      readonly args: readonly SpelNode[];
      readonly at: number;
    }
  /** `select` is `jsonPath` on a value that is parsed already. */
  | {
      readonly type: 'function';
      readonly name: 'jsonPath' | 'select' | 'jsonEscape';
      readonly args: readonly SpelNode[];
      readonly at: number;
    }
  /** A static method of a Java type, such as `java.lang.Math.max`. */
  | {
      readonly type: 'static';
      readonly name: string;
      readonly args: readonly SpelNode[];
      readonly at: number;
    };

/** The expressions that an expression is made of. */
export function partsOf(node: SpelNode): readonly SpelNode[] {
  switch (node.type) {
    case 'literal':
    case 'root':
      return [];
    case 'member':
    case 'not':
    case 'negative':
      return [node.of];
    case 'index':
      return [node.of, node.index];
    case 'list':
      return node.items;
    case 'binary':
    case 'elvis':
      return [node.left, node.right];
    case 'conditional':
      return [node.test, node.yes, node.no];
    case 'call':
      return [node.of, ...node.args];
    case 'function':
    case 'static':
      return node.args;
  }
}
