import { expect, test } from 'vitest';
import { compileJsonata } from '../../src/expression/evaluate.js';
import { compileCondition } from '../../src/expression/expression.js';
import { DEFAULT_LIMITS } from '../../src/expression/limits.js';
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
