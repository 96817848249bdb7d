import { expect, test } from 'vitest';
import { compileAccessRule } from '../../src/expression/access-rule.js';
import { compileJsonata } from '../../src/expression/evaluate.js';
import { type Condition, compileCondition } from '../../src/expression/expression.js';
import { DEFAULT_LIMITS } from '../../src/expression/limits.js';
import type { Scope } from '../../src/expression/scope-type.js';
import { translateSpel } from '../../src/expression/spel.js';
import { randomCondition, randomFrom, VALUES } from './random-condition.js';

const scope = (root: string) => (root === 'properties' ? VALUES : undefined);
/** A busy machine must not look like a wrong value. */
const limits = { ...DEFAULT_LIMITS, timeMs: 10_000 };

test.each([1, 2, 3, 4])(
  'random conditions (seed %i) mean the same on the fast path, in JSONata and by the rules',
  async (seed) => {
    const random = randomFrom(seed);
    for (let count = 0; count < 500; count++) {
      const { spel, value } = randomCondition(random, 4);
      const { compute, jsonata } = translateSpel(spel);
      expect(compute, spel).toBeDefined();
      expect(compute?.(scope) ?? null, spel).toEqual(value);
      expect((await compileJsonata(jsonata, limits)(scope)) ?? null, `${spel}\n${jsonata}`).toEqual(value);
      const holds = value === true || value === 'true';
      expect(compileCondition(spel).matches(scope), spel).toBe(holds);
      expect(compileCondition(`{(${spel})}`).matches(scope), spel).toBe(holds);
    }
  },
);

test.each([5, 6])(
  'a random rule of access (seed %i) is a condition, and holds no oftener when values are missing',
  async (seed) => {
    const random = randomFrom(seed);
    const complete = { ...VALUES, nothing: 'abc', missing: 'abc' };
    const whole = (root: string) => (root === 'properties' ? complete : undefined);
    let held = 0;
    for (let count = 0; count < 500; count++) {
      const { spel } = randomCondition(random, 4);
      const rule = compileAccessRule(spel, limits);
      const condition = compileCondition(spel, limits);
      if (!spel.includes('null')) {
        expect(await holds(rule, whole), spel).toBe(await holds(condition, whole));
      }
      if (!(await holds(rule, scope))) continue;
      held++;
      expect(await holds(condition, scope), spel).toBe(true);
    }
    expect(held).toBeGreaterThan(50);
  },
);

/** Whether a condition holds; one that cannot be evaluated does not. */
async function holds(condition: Condition, given: Scope): Promise<boolean> {
  try {
    return await condition.matches(given);
  } catch {
    return false;
  }
}
