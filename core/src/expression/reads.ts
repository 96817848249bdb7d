import { visitJsonata } from './jsonata-check.js';

/** What an expression may read that a client can make large. */
export interface Reads {
  /** The content of the message. */
  readonly content: boolean;
  /** Attributes of the exchange or the message. */
  readonly attributes: boolean;
}

type Step = { readonly type?: unknown; readonly value?: unknown };

/** Take what they are about from around them, when it is not given. */
const OF_CONTEXT = [
  'lookup',
  'keys',
  'each',
  'sift',
  'string',
  'spread',
  'type',
  'boolean',
  'clone',
  'length',
];

/**
 * What JSONata may read, from its tree. What reads everything, such as `$` or `*` at the beginning, reads these too.
 */
export function readsOf(ast: unknown): Reads {
  let [content, attributes] = [false, false];
  visitJsonata(ast, (node, atRoot) => {
    const steps = node.type === 'path' && atRoot ? (node.steps as readonly Step[]) : [];
    const [root, member] = steps.map(({ type, value }) => (type === 'name' ? String(value) : undefined));
    if (root === 'message') {
      content ||= member === undefined || member === 'content' || member === 'json';
      attributes ||= member === undefined || member === 'attributes';
    }
    attributes ||= root === 'context';
    if (isEverything(node, atRoot)) [content, attributes] = [true, true];
  });
  return { content, attributes };
}

function isEverything(
  { type, value, procedure }: Readonly<Record<string, unknown>>,
  atRoot: boolean,
): boolean {
  if (type === 'variable') return value === '' || value === '$';
  if (!atRoot) return false;
  if (type === 'wildcard' || type === 'descendant') return true;
  return type === 'function' && OF_CONTEXT.includes(String((procedure as Step | undefined)?.value));
}
