import { PatternSyntaxError } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { compileTopicPattern } from '../src/topic-pattern.js';

describe('a pattern of topics', () => {
  it.each([
    ['orders\\..*', 'orders.new', true],
    ['orders\\..*', 'old.orders.new', false],
    ['orders', 'orders-2', false],
    ['a|b', 'b', true],
    ['a|b', 'bc', false],
    ['[a-c]{2}\\d+', 'ab12', true],
    ['(?!test-).*', 'test-1', false],
    ['x\\\\Qy', 'xQy', false],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Aorders', 'orders', true],
    ['\\p{Alpha}+', 'orders', true],
    ['(?i)orders', 'ORDERS', true],
  ])('%s, %s: %s', (pattern, topic, matches) => {
    expect(compileTopicPattern(pattern).test(topic)).toBe(matches);
  });

  it.each(['(?>a)', 'a(?i)orders', 'a*+', 'a{2}+', '[a-z&&[^b]]', '(', 'x'.repeat(300)])(
    '%s is refused',
    (pattern) => {
      expect(() => compileTopicPattern(pattern)).toThrow(PatternSyntaxError);
    },
  );
});
