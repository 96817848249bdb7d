import { isNumber, kindOf } from './kinds.js';
import type { SpelNode } from './spel-ast.js';

type Node<T extends SpelNode['type']> = Extract<SpelNode, { type: T }>;

const PLAIN = /^[A-Za-z_]\w*$/;
const RESERVED = ['and', 'or', 'in', 'true', 'false', 'null', 'function'];
const CALLS: Readonly<Record<string, string>> = {
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '+': 'plus',
  '-': 'minus',
  '*': 'times',
  '%': 'remainder',
};

/**
 * Writes what SpEL means as JSONata: in its own operators where they mean the same, else as calls of the functions of
 * `jsonata-functions.ts`.
 */
export function writeJsonata(node: SpelNode): string {
  switch (node.type) {
    case 'literal':
      return node.value === null ? 'null' : JSON.stringify(node.value);
    case 'root':
      return node.name;
    case 'member':
      return writeMember(node);
    case 'index':
      return writeIndex(node);
    case 'list':
      return node.items.every((item) => item.type === 'literal')
        ? `[${node.items.map(writeJsonata).join(', ')}]`
        : call('list', ...node.items);
    case 'not':
      return `$not(${condition(node.of)})`;
    case 'negative':
      return isNumber(node.of) ? `-${writeJsonata(node.of)}` : `$minus(0, ${writeJsonata(node.of)})`;
    case 'binary':
      return writeBinary(node);
    case 'conditional':
      return `(${condition(node.test)} ? ${writeJsonata(node.yes)} : ${writeJsonata(node.no)})`;
    case 'elvis': {
      const left = writeJsonata(node.left);
      return `($given(${left}) ? ${left} : ${writeJsonata(node.right)})`;
    }
    case 'call':
      return `$call(${[writeJsonata(node.of), JSON.stringify(node.method), ...node.args.map(writeJsonata)].join(', ')})`;
    case 'function':
      return call(node.name, ...node.args);
    case 'static':
      return `$static(${[JSON.stringify(node.name), ...node.args.map(writeJsonata)].join(', ')})`;
  }
}

function call(name: string, ...args: readonly SpelNode[]): string {
  return `$${name}(${args.map(writeJsonata).join(', ')})`;
}

function writeMember({ of, name }: Node<'member'>): string {
  const base = isPath(of) ? writeJsonata(of) : `(${writeJsonata(of)})`;
  if (PLAIN.test(name) && !RESERVED.includes(name)) return `${base}.${name}`;
  return /[`\\]/.test(name) || name === ''
    ? `$at(${writeJsonata(of)}, ${JSON.stringify(name)})`
    : `${base}.\`${name}\``;
}

function isPath(node: SpelNode): boolean {
  if (node.type === 'member') return !/[`\\]/.test(node.name) && node.name !== '' && isPath(node.of);
  return node.type === 'root' || (node.type === 'index' && kindOf(node) === 'entry');
}

function writeIndex(node: Node<'index'>): string {
  const natural = kindOf(node) === 'entry' && isPath(node.of);
  return natural ? `${writeJsonata(node.of)}[${writeJsonata(node.index)}]` : call('at', node.of, node.index);
}

function writeBinary(node: Node<'binary'>): string {
  const { operator, left, right } = node;
  if (operator === '==' || operator === '!=') return writeEquality(operator === '==', left, right);
  if (operator === '&&' || operator === '||') {
    return `(${condition(left)} ${operator === '&&' ? 'and' : 'or'} ${condition(right)})`;
  }
  if (operator === '/') {
    const real = [left, right].some((side) => side.type === 'literal' && side.real);
    return call(real ? 'divideReal' : 'divide', left, right);
  }
  if (operator.startsWith('<') || operator.startsWith('>')) {
    const numbers = kindOf(left) === 'number' && kindOf(right) === 'number';
    if (numbers) return `(${writeJsonata(left)} ${operator} ${writeJsonata(right)})`;
  }
  return call(CALLS[operator] ?? '', left, right);
}

function writeEquality(equal: boolean, left: SpelNode, right: SpelNode): string {
  if (right.type === 'literal' && right.value === null && ['list', 'entry'].includes(kindOf(left))) {
    return equal ? `$not($exists(${writeJsonata(left)}))` : `$exists(${writeJsonata(left)})`;
  }
  const literal = right.type === 'literal' && right.value !== null;
  if (literal && ['text', 'entry', 'number'].includes(kindOf(left))) {
    const same = `${writeJsonata(left)} = ${writeJsonata(right)}`;
    return equal ? `(${same})` : `$not(${same})`;
  }
  return call(equal ? 'eq' : 'ne', left, right);
}

function condition(node: SpelNode): string {
  return kindOf(node) === 'boolean' ? writeJsonata(node) : `$truth(${writeJsonata(node)})`;
}
