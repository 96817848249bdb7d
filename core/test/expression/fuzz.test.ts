import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../src/expression/expression.js';
import { ExpressionSyntaxError } from '../../src/expression/faults.js';
import { scope } from './fixture.js';
import { randomFrom } from './random-condition.js';
import { TABLE } from './table.js';

const EXPRESSIONS = TABLE.flatMap(([, rows]) => rows.map(([text]) => text));
const PIECES = [
  ...[
    '{#',
    '{(',
    '{T(',
    '}',
    '(',
    ')',
    '[',
    ']',
    "'",
    '"',
    '`',
    '/',
    '\\',
    '$',
    '#',
    '.',
    '..',
    '?.',
    '?',
    ':',
  ],
  ...[
    '==',
    '&&',
    '||',
    '!',
    '+',
    '-',
    '*',
    '**',
    '%',
    '^',
    '~>',
    ':=',
    '@',
    '|',
    '<',
    '>=',
    ',',
    ';',
    ' ',
    '\n',
  ],
  ...['request', 'headers', 'message', 'json', 'items', 'function', 'null', 'true', 'and', 'eq', 'matches'],
  ...[
    '0',
    '1.5',
    '1e999',
    '-1',
    'é',
    '\u{1f600}',
    '\0',
    '__proto__',
    'constructor',
    '$$',
    '$string',
    '(a+)+',
  ],
];

/** Compiles and, where that works, evaluates; only the errors that are meant may come. @returns milliseconds. */
async function survive(text: string): Promise<number> {
  const began = performance.now();
  try {
    await compileTemplate(text).evaluate(scope());
  } catch (error) {
    const meant =
      error instanceof ExpressionSyntaxError || (error as { key?: unknown }).key === 'EXPRESSION_FAILED';
    if (!meant) throw new Error(`${text.slice(0, 300)}: ${String((error as Error).stack)}`);
    if (error instanceof ExpressionSyntaxError) {
      expect(error.offset, text.slice(0, 300)).toBeGreaterThanOrEqual(0);
      expect(error.offset, text.slice(0, 300)).toBeLessThanOrEqual(text.length);
    }
  }
  return performance.now() - began;
}

describe('whatever is written, it is compiled or refused, and evaluated or failed, in time', () => {
  test.each([11, 12, 13])('random pieces (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    for (let count = 0; count < 1500; count++) {
      const length = 1 + Math.floor(random() * 12);
      const inside = Array.from({ length }, () => PIECES[Math.floor(random() * PIECES.length)]).join('');
      expect(await survive(`{#${inside}}`)).toBeLessThan(2000);
      expect(await survive(inside)).toBeLessThan(2000);
    }
  });

  test.each([21, 22, 23])(
    'the table with characters changed, left out and doubled (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      for (let count = 0; count < 1500; count++) {
        const text = EXPRESSIONS[Math.floor(random() * EXPRESSIONS.length)] ?? '';
        const at = Math.floor(random() * text.length);
        const piece = PIECES[Math.floor(random() * PIECES.length)] ?? '';
        const changed = [
          text.slice(0, at) + text.slice(at + 1),
          text.slice(0, at) + piece + text.slice(at),
          text.slice(0, at) + text.charAt(at) + text.slice(at),
        ];
        for (const mutant of changed) expect(await survive(mutant)).toBeLessThan(2000);
      }
    },
  );

  test.each([
    ['parentheses', () => `{${'('.repeat(50_000)}1${')'.repeat(50_000)}}`],
    ['a hundred parentheses', () => `{${'('.repeat(99)}1${')'.repeat(99)}}`],
    ['brackets', () => `{#message.json${'['.repeat(5000)}0${']'.repeat(5000)}}`],
    ['braces', () => `{#${'{'.repeat(5000)}1${'}'.repeat(5000)}}`],
    ['negations', () => `{#${'!'.repeat(10_000)}true}`],
    ['minus signs', () => `{(${'-'.repeat(10_000)}1)}`],
    ['members', () => `{#message${'.json'.repeat(3000)}}`],
    ['members of JSONata', () => `{($$.message${'.json'.repeat(3000)})}`],
    ['sums', () => `{#1${' + 1'.repeat(4000)}}`],
    ['sums of JSONata', () => `{($number(1)${' + 1'.repeat(3900)})}`],
    ['conditions', () => `{#true${' ? 1 : true'.repeat(1400)}}`],
    ['conditions of JSONata', () => `{($exists(api)${' ? 1 : true'.repeat(1400)})}`],
    ['a long text', () => `{#'${'a'.repeat(2_000_000)}'}`],
    ['much text', () => 'a{'.repeat(500_000)],
    ['many expressions', () => '{#api.id}'.repeat(20_000)],
    ['many openings', () => '{#'.repeat(100_000)],
    ['quotes', () => `{#${"'".repeat(15_999)}}`],
    ['dots', () => `{#${'.'.repeat(15_000)}}`],
    ['a long name', () => `{#${'a'.repeat(15_000)}}`],
    ['a long number', () => `{#${'9'.repeat(15_000)}}`],
    ['a long path of JSON', () => `{#jsonPath(#message.content, '$${'.a'.repeat(7000)}')}`],
    ['a long pattern', () => `{#api.id.matches('${'(a|b)?'.repeat(2000)}')}`],
    ['groups in a pattern', () => `{#api.id.matches('${'('.repeat(5000)}${')'.repeat(5000)}')}`],
  ])('%s', async (_name, text) => {
    expect(await survive(text())).toBeLessThan(5000);
  });
});
