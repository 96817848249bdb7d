import { describe, expect, test } from 'vitest';
import { compileCondition, compileTemplate } from '../../src/expression/expression.js';
import { ExpressionSyntaxError } from '../../src/expression/faults.js';
import { translateSpel } from '../../src/expression/spel.js';
import { GOLDEN } from './golden.js';
import { REFUSALS } from './refusals.js';

describe('SpEL as JSONata', () => {
  test.each(GOLDEN)('%s', (spel, jsonata) => {
    expect(translateSpel(spel).jsonata).toBe(jsonata);
  });
});

describe('refused when compiled', () => {
  const cases = REFUSALS.map(([text, offset, message, suggestion]) => ({
    text,
    offset,
    message,
    suggestion,
  }));
  test.each(cases)('$text at $offset', ({ text, offset, message, suggestion }) => {
    const error = errorOf(() => compileTemplate(text));
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
    if (suggestion !== undefined) expect(error.suggestion).toMatch(suggestion);
  });

  test('a condition with nothing in it', () => {
    expect(errorOf(() => compileCondition('')).message).toMatch(/a value is expected/);
  });
});

describe('constant', () => {
  test.each(['text', '{(true)}', "{('a' + 1)}-x", "{({'a'}.size() > 0 ? 1 : 2)}"])('%s is', (text) => {
    expect(compileTemplate(text).constant).toBe(true);
  });
  test.each(['{#request.method}', 'a{#api.id}', "{({'a'}.contains(#api.id))}", '{($millis())}'])(
    '%s is not',
    (text) => {
      expect(compileTemplate(text).constant).toBe(false);
    },
  );
});

function errorOf(compile: () => unknown): ExpressionSyntaxError {
  try {
    compile();
  } catch (error) {
    expect(error).toBeInstanceOf(ExpressionSyntaxError);
    return error as ExpressionSyntaxError;
  }
  throw new Error('it was compiled');
}
