import { expect } from 'vitest';
import { compileTemplate } from '../../src/expression/expression.js';
import { scope } from './fixture.js';

/** Evaluates what must fail, and says why it did and how long that took. */
export async function failure(text: string, given = scope()): Promise<{ cause: string; ms: number }> {
  const expression = compileTemplate(text);
  const began = performance.now();
  try {
    await expression.evaluate(given);
  } catch (error) {
    expect(error).toMatchObject({
      key: 'EXPRESSION_FAILED',
      message: 'An expression could not be evaluated',
    });
    return { cause: String((error as Error).cause), ms: performance.now() - began };
  }
  throw new Error(`${text} did not fail`);
}
