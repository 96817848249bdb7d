import { expect } from 'vitest';
import type { SluiceError } from '../../src/contract/errors.js';
import { compileTemplate } from '../../src/expression/expression.js';
import { scope } from './fixture.js';

/** How an evaluation failed. */
interface Failure {
  readonly cause: string;
  readonly status: number;
  readonly ms: number;
}

/** Evaluates what must fail, and says why it did and how long that took. */
export async function failure(text: string, given = scope()): Promise<Failure> {
  const expression = compileTemplate(text);
  const began = performance.now();
  try {
    await expression.evaluate(given);
  } catch (error) {
    expect(error).toMatchObject({
      key: 'EXPRESSION_FAILED',
      message: 'An expression could not be evaluated',
    });
    const { cause, status } = error as SluiceError;
    return { cause: String(cause), status, ms: performance.now() - began };
  }
  throw new Error(`${text} did not fail`);
}
