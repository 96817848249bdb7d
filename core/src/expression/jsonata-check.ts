import { ExpressionSyntaxError, refused } from './faults.js';
import { methodHint } from './hints.js';
import { jsonataRegex } from './java-regex.js';
import { FUNCTIONS } from './jsonata-functions.js';
import { near, ROOTS, unknownMember, unknownRoot } from './names.js';

const BUILT_IN = (
  'abs append assert average base64decode base64encode boolean ceil clone contains count ' +
  'decodeUrl decodeUrlComponent distinct each encodeUrl encodeUrlComponent error exists filter ' +
  'floor formatBase formatInteger formatNumber fromMillis join keys length lookup lowercase map ' +
  'match max merge millis min not now number pad parseInteger power random reduce replace reverse ' +
  'round shuffle sift single sort split spread sqrt string substring substringAfter ' +
  'substringBefore sum toMillis trim type uppercase zip '
)
  .trim()
  .split(' ');
/** Nodes whose parts are evaluated on what the node itself is evaluated on. */
const SAME_CONTEXT = [
  'binary',
  'unary',
  'condition',
  'block',
  'bind',
  'function',
  'partial',
  'lambda',
  'apply',
];
const OTHER_CONTEXT = ['predicate', 'stages', 'group', 'terms'];

type Ast = Readonly<Record<string, unknown>>;

/**
 * Finds at compile time what JSONata would find when it evaluates, or not at all: calls of what is no function,
 * unknown variables and roots, regular expressions that are not supported.
 * @throws ExpressionSyntaxError
 */
export function checkJsonata(ast: unknown): void {
  const known = new Set(['', '$', ...BUILT_IN, ...Object.keys(FUNCTIONS)]);
  visit(ast, true, (node) => {
    for (const name of [node.index, node.focus]) if (typeof name === 'string') known.add(name);
    for (const bound of node.type === 'lambda' ? children(node.arguments) : [])
      known.add(String(bound.value));
    if (node.type === 'bind') for (const bound of children(node.lhs)) known.add(String(bound.value));
  });
  visit(ast, true, (node, atRoot) => checkNode(node, atRoot, known));
}

function checkNode(node: Ast, atRoot: boolean, known: ReadonlySet<string>): void {
  const at = typeof node.position === 'number' ? node.position : 0;
  const name = String(node.value);
  const begin = Math.max(0, at - name.length);
  if (node.type === 'name' && atRoot && !(ROOTS as readonly string[]).includes(name)) {
    throw new ExpressionSyntaxError(unknownRoot(name), begin);
  }
  if (node.type === 'variable' && !known.has(name)) {
    const meant = near(name, [...known]);
    throw refused(
      `$${name} is not known`,
      Math.max(0, begin - 1),
      meant === undefined ? undefined : `$${meant}`,
    );
  }
  if (node.type === 'regex' && node.value instanceof RegExp) regexOf(node.value, at);
  if (node.type === 'function' || node.type === 'partial') checkCall(node, begin);
  if (node.type === 'path' && atRoot) checkPath(children(node.steps));
}

function checkCall(node: Ast, at: number): void {
  const [procedure] = children(node.procedure);
  if (procedure?.type !== 'path' && procedure?.type !== 'name') return;
  const name = String(procedure.type === 'name' ? procedure.value : children(procedure.steps).at(-1)?.value);
  const hint = methodHint(name) ?? (BUILT_IN.includes(name) ? `$${name}(...)` : undefined);
  throw refused(`"${name.slice(0, 64)}" is not a function`, Math.max(0, at - name.length), hint);
}

function checkPath([root, first]: readonly Ast[]): void {
  if (root?.type !== 'name' || first?.type !== 'name') return;
  const wrong = unknownMember(String(root.value), String(first.value));
  if (wrong !== undefined) throw refused(wrong, Number(first.position) - String(first.value).length);
}

function regexOf(regex: RegExp, at: number): void {
  try {
    jsonataRegex(regex);
  } catch (error) {
    throw error instanceof ExpressionSyntaxError ? error.movedBy(at - regex.source.length - 1) : error;
  }
}

/** Calls `check` with each node of a tree of JSONata, and whether it is evaluated on the scope itself. */
export function visitJsonata(ast: unknown, check: (node: Ast, atRoot: boolean) => void): void {
  visit(ast, true, check);
}

function visit(value: unknown, atRoot: boolean, check: (node: Ast, atRoot: boolean) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, atRoot, check);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof RegExp) return;
  const node = value as Ast;
  if (typeof node.type === 'string') check(node, atRoot);
  for (const [name, part] of Object.entries(node)) {
    // Both are filled in by the parser to find parents, and may lead back.
    if (name === 'ancestor' || name === 'slot' || name === 'seekingParent') continue;
    if (name === 'steps' && Array.isArray(part)) {
      for (const [index, step] of part.entries()) visit(step, atRoot && index === 0, check);
    } else
      visit(part, atRoot && SAME_CONTEXT.includes(String(node.type)) && !OTHER_CONTEXT.includes(name), check);
  }
}

function children(value: unknown): readonly Ast[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'object' && item !== null);
}
