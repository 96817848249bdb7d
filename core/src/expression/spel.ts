import { type Compute, compileClosures } from './closures.js';
import { writeJsonata } from './jsonata-writer.js';
import type { SpelNode } from './spel-ast.js';
import { parseSpel } from './spel-parser.js';

/** What a text in SpEL means. */
export interface Translation {
  readonly jsonata: string;
  /** The fast path, where there is one. */
  readonly compute: Compute | undefined;
  /** Whether it names nothing that can change. */
  readonly constant: boolean;
}

/**
 * Translates SpEL to JSONata, and to closures where those do.
 * @throws ExpressionSyntaxError; `refused` when the text is SpEL and holds something that is not supported.
 */
export function translateSpel(text: string): Translation {
  const node = parseSpel(text);
  return { jsonata: writeJsonata(node), compute: compileClosures(node), constant: isConstant(node) };
}

function isConstant(node: SpelNode): boolean {
  switch (node.type) {
    case 'literal':
      return true;
    case 'root':
      return false;
    case 'member':
    case 'not':
    case 'negative':
      return isConstant(node.of);
    case 'index':
      return isConstant(node.of) && isConstant(node.index);
    case 'list':
      return node.items.every(isConstant);
    case 'conditional':
      return [node.test, node.yes, node.no].every(isConstant);
    case 'binary':
    case 'elvis':
      return isConstant(node.left) && isConstant(node.right);
    case 'call':
      return [node.of, ...node.args].every(isConstant);
    case 'function':
      return node.args.every(isConstant);
  }
}
