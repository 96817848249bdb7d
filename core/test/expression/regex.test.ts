import { describe, expect, test } from 'vitest';
import { compileCondition, compileTemplate } from '../../src/expression/expression.js';
import { failure } from './failure.js';
import { message, scope } from './fixture.js';

let state = 1;
const random = () => {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return state;
};
/** Each character of it makes a new state of the machine. */
const mixed = scope({
  message: message(
    JSON.stringify({
      text: Array.from({ length: 100_000 }, () => ((random() >> 8) % 2 === 0 ? 'a' : 'b')).join(''),
    }),
  ),
});
const text = (length: number) => scope({ message: message(JSON.stringify({ text: 'a'.repeat(length) })) });

describe('a regular expression of an expression cannot hang', () => {
  test.each([
    '{#message.json.text.matches("(a|a)*b")}',
    '{#message.json.text.matches("(a+)+b")}',
    '{#message.json.text.matches("(?:ab|a|b)*(?:ab|a|b)*c")}',
    '{#message.json.text.matches("(.*,)*b")}',
    '{#message.json.text.matches("a*a*a*a*b")}',
    '{#message.json.text.matches("(a?){40}b")}',
    '{#message.json.text.split("a*a*a*b")}',
    '{($contains(message.json.text, /(a|a)*b/))}',
    '{($replace(message.json.text, /(a|a)*b/, "c"))}',
    '{($match(message.json.text, /a*a*a*b/))}',
  ])('%s', async (expression) => {
    const template = compileTemplate(expression);
    await template.evaluate(text(10));
    const subject = text(3000);
    const began = performance.now();
    await template.evaluate(subject);
    expect(performance.now() - began).toBeLessThan(50);
  });

  test('a text that is too long for its pattern is told so, and is the client’s to mend', async () => {
    const { cause, status, ms } = await failure(
      '{#message.json.text.matches("(?:a|b)*a(?:a|b){900}")}',
      mixed,
    );
    expect(cause).toMatch(/regular expression took longer than 50 ms/);
    expect(status).toBe(413);
    expect(ms).toBeLessThan(500);
  });

  test('usual ones on long texts work', async () => {
    const matches = compileCondition("{#message.json.text.matches('^[a-z]+(,[a-z]+)*$')}");
    expect(await matches.matches(text(20_000))).toBe(true);
  });

  test('a pattern of a client is small, else that is the client’s to mend', async () => {
    const hostile = message(JSON.stringify({ text: 'a', pattern: '(?:a{0,30}){30}' }));
    const { status, cause } = await failure(
      '{#message.json.text.matches(#message.json.pattern)}',
      scope({ message: hostile }),
    );
    expect(cause).toMatch(/the pattern is too large/);
    expect(status).toBe(413);
  });

  test('a pattern that a client writes is one like others', async () => {
    const hostile = message(JSON.stringify({ text: 'a'.repeat(5000), pattern: '(a|a)*b' }));
    const matches = compileCondition('{#message.json.text.matches(#message.json.pattern)}');
    expect(await matches.matches(scope({ message: hostile }))).toBe(false);
  });
});

test('a date cannot hang by its picture', async () => {
  const picture = '[f]'.repeat(12);
  const digits = scope({ message: message(JSON.stringify({ text: '1'.repeat(200) })) });
  const { cause, status, ms } = await failure(`{($toMillis(message.json.text, "${picture}x"))}`, digits);
  expect(cause).toMatch(/took longer/);
  expect(status).toBe(413);
  expect(ms).toBeLessThan(500);
});
