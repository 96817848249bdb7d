import { METHODS } from './methods.js';
import type { SpelNode } from './spel-ast.js';

/** What is known of a node's value before it is evaluated. A `text` or `number` may not be null, an `entry` is a text or missing. */
export type Kind = 'boolean' | 'number' | 'text' | 'entry' | 'list' | 'any';

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  request: ['id', 'transactionId', 'uri', 'path', 'pathInfo', 'contextPath', 'method', 'scheme', 'host'],
  api: ['id', 'name', 'version'],
};
const OF_LISTS = ['headers', 'params'];

/** The kind of a node's value. */
export function kindOf(node: SpelNode): Kind {
  switch (node.type) {
    case 'literal':
      return typeof node.value === 'string'
        ? 'text'
        : node.value === null
          ? 'any'
          : (typeof node.value as Kind);
    case 'not':
      return 'boolean';
    case 'list':
      return 'list';
    case 'binary':
      return '+-*/%'.includes(node.operator) ? 'any' : 'boolean';
    case 'call': {
      const gives = METHODS[node.method]?.gives;
      return gives === 'boolean' ? gives : 'any';
    }
    case 'member':
      return kindOfMember(node.of, node.name);
    case 'index':
      return isNumber(node.index) && node.of.type === 'member' && kindOf(node.of) === 'list'
        ? 'entry'
        : 'any';
    default:
      return 'any';
  }
}

function kindOfMember(of: SpelNode, name: string): Kind {
  if (of.type === 'root') {
    if (of.name === 'request' && name === 'timestamp') return 'number';
    return TEXTS[of.name]?.includes(name) ? 'text' : 'any';
  }
  return of.type === 'member' && of.of.type === 'root' && OF_LISTS.includes(of.name) ? 'list' : 'any';
}

/** Whether a node is a number that is written out. */
export function isNumber(node: SpelNode): boolean {
  return node.type === 'literal' && typeof node.value === 'number';
}
