import { describe, expect, it } from 'vitest';
import { compileTopicPattern, PatternError } from '../src/topic-pattern.js';

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
  ])('%s, %s: %s', (pattern, topic, matches) => {
    expect(compileTopicPattern(pattern).test(topic)).toBe(matches);
  });

  it.each([
    '\\Qa.b\\E',
    '\\Aorders',
    '\\p{Alpha}+',
    '(?>a)',
    '(?i)orders',
    'a*+',
    'a{2}+',
    '[a-z&&[^b]]',
    '(',
    'x'.repeat(300),
  ])('%s is refused', (pattern) => {
    expect(() => compileTopicPattern(pattern)).toThrow(PatternError);
  });
});
