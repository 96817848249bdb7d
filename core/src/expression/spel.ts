import { type Compute, compileClosures } from './closures.js';
import { writeJsonata } from './jsonata-writer.js';
import { partsOf, type SpelNode } from './spel-ast.js';
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
  // What a type gives may be another each time, such as the time.
  return node.type !== 'root' && node.type !== 'static' && partsOf(node).every(isConstant);
}
