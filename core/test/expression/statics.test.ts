import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../src/expression/expression.js';
import { failure } from './failure.js';
import { scope } from './fixture.js';

describe('a static method fails on what it does not take', () => {
  test.each([
    ["{T(Integer).parseInt('')}", /no Integer/],
    ["{T(Integer).parseInt('1.5')}", /no Integer/],
    ["{T(Integer).parseInt(' 1')}", /no Integer/],
    ["{T(Integer).parseInt('2147483648')}", /no Integer/],
    ["{T(Integer).parseInt(#request.headers['x-missing'])}", /no Integer/],
    ["{T(Long).parseLong('9007199254740993')}", /no Long within 53 bits/],
    ["{T(Double).parseDouble('0x10')}", /not a number/],
    ["{T(Double).parseDouble('NaN')}", /not a number/],
    ['{T(Math).sqrt(-1)}', /not a number/],
    ["{T(Math).abs('1')}", /a number is wanted/],
    ["{T(java.time.LocalDate).parse('2023-02-30')}", /no date/],
    ['{T(java.time.LocalDate).of(2023, 13, 1)}', /no date/],
    ["{T(java.time.Instant).parse('yesterday')}", /no moment/],
    ['{T(java.time.Instant).ofEpochMilli(9999999999999999)}', /no moment/],
    ["{('x'.isBefore('y'))}", /neither a date nor a moment/],
  ])('%s', async (text, cause) => {
    expect((await failure(text)).cause).toMatch(cause);
  });
});

test('what a type gives is asked for each time', async () => {
  const expression = compileTemplate('{T(java.util.UUID).randomUUID()}');
  expect(expression.constant).toBe(false);
  expect(await expression.evaluate(scope())).not.toBe(await expression.evaluate(scope()));
});
