import { inEitherLanguage } from './compile.js';
import { parseJsonata } from './evaluate.js';
import { visitJsonata } from './jsonata-check.js';
import { partsOf, type SpelNode } from './spel-ast.js';
import { parseSpel } from './spel-parser.js';
import { hasExpression, templateParts } from './template.js';

/** What an expression names: a root and the members below it that are written out, such as `request`, `headers`, `x`. */
export type Reference = readonly [root: string, ...members: string[]];

/**
 * Everything that the expressions of a text name, whether it is there or not. Nothing of a text that cannot be compiled:
 * the caller that compiles it reports what is wrong.
 * @param options.bare whether a text without braces is an expression, as in a condition
 */
export function referencesIn(text: string, options: { readonly bare?: boolean } = {}): readonly Reference[] {
  try {
    if (!hasExpression(text)) return options.bare === true && text.trim() !== '' ? ofExpression(text) : [];
    return templateParts(text, ofExpression).flatMap((part) => (typeof part === 'string' ? [] : part));
  } catch {
    return [];
  }
}

function ofExpression(text: string): readonly Reference[] {
  const found = inEitherLanguage(text, (spel) => ofSpel(parseSpel(spel)), ofJsonata);
  return found.spel ?? found.program;
}

function ofSpel(node: SpelNode): readonly Reference[] {
  const chain = chainOf(node);
  return chain === undefined ? partsOf(node).flatMap(ofSpel) : [chain];
}

function chainOf(node: SpelNode): Reference | undefined {
  if (node.type === 'root') return [node.name];
  if (node.type !== 'member') return undefined;
  const of = chainOf(node.of);
  return of === undefined ? undefined : [...of, node.name];
}

function ofJsonata(text: string): readonly Reference[] {
  const found: Reference[] = [];
  visitJsonata(parseJsonata(text), (node, atRoot) => {
    if (node.type !== 'path') return;
    const steps = node.steps as readonly { readonly type?: unknown; readonly value?: unknown }[];
    const marked = steps[0]?.type === 'variable' && steps[0].value === '$';
    if (!marked && !atRoot) return;
    const names = steps.slice(marked ? 1 : 0);
    const end = names.findIndex(({ type }) => type !== 'name');
    const [root, ...members] = names.slice(0, end < 0 ? undefined : end).map(({ value }) => String(value));
    if (root !== undefined) found.push([root, ...members]);
  });
  return found;
}
