import { describe, expect, test } from 'vitest';
import { compileCondition, compileTemplate } from '../../src/expression/expression.js';
import { regexRisk } from '../../src/expression/regex-risk.js';
import { failure } from './failure.js';
import { message, scope } from './fixture.js';

describe('a regular expression cannot hang', () => {
  const hostile = scope({ message: message(JSON.stringify({ text: 'a'.repeat(5000) })) });

  test.each([
    '{#message.json.text.matches("(a|a)*b")}',
    '{#message.json.text.matches("(a|aa)+b")}',
    '{#message.json.text.matches("(.*,)*b")}',
    '{#message.json.text.matches("a*a*a*a*b")}',
    '{#message.json.text.matches("(a?){40}b")}',
    `{#message.json.text.matches("${'a?'.repeat(40)}b{60}")}`,
    '{#message.json.text.split("a*a*a*b")}',
    '{($contains(message.json.text, /(a|a)*b/))}',
    '{($replace(message.json.text, /(a|a)*b/, "c"))}',
    '{($match(message.json.text, /a*a*a*b/))}',
  ])('%s', async (text) => {
    const began = performance.now();
    const result = await Promise.resolve()
      .then(() => compileTemplate(text).evaluate(hostile))
      .catch((error: unknown) => String((error as Error).cause));
    expect(performance.now() - began).toBeLessThan(2000);
    if (typeof result === 'string') expect(result).toMatch(/took longer/);
  });

  test('one that has to be cut off says so', async () => {
    const { cause, ms } = await failure('{#message.json.text.matches("(a|a)*b")}', hostile);
    expect(cause).toMatch(/regular expression took longer than 50 ms/);
    expect(ms).toBeLessThan(1000);
  });

  test('usual ones on long texts work', async () => {
    const matches = compileCondition("{#message.json.text.matches('^[a-z]+(,[a-z]+)*$')}");
    expect(await matches.matches(hostile)).toBe(true);
  });
});

describe('risk', () => {
  test.each([
    ['abc', 0],
    ['a+b', 1],
    ['^[a-z]+-[0-9]*$', 2],
    ['a{2,50}', 1],
    ['(?:a{3}b?)', 0],
    ['(\\.\\d+)*', Number.POSITIVE_INFINITY],
    ['(a|a)*', Number.POSITIVE_INFINITY],
    ['(a?){40}', Number.POSITIVE_INFINITY],
  ])('%s', (source, risk) => {
    expect(regexRisk(source)).toBe(risk);
  });

  test.each(['(a+)+', '(a*)*', '(?:a+b*)+', '((a+))+', '(a|b+)*', '(a+){2,}'])('%s is refused', (source) => {
    expect(() => regexRisk(source)).toThrow(/repeats without end/);
  });
});
