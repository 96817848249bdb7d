import { describe, expect, test } from 'vitest';
import { compileCondition, compileTemplate } from '../../src/expression/expression.js';
import { DEFAULT_LIMITS } from '../../src/expression/limits.js';
import { failure } from './failure.js';
import { message, scope } from './fixture.js';

describe('JSONata fails where it would not end', () => {
  test.each([
    [
      'a function that calls itself',
      '{($f := function($n) { 1 + $f($n) }; $f(1))}',
      /stack|depth|recursion/i,
    ],
    ['one that does so in its tail', '{($f := function($n) { $f($n + 1) }; $f(1))}', /timeout/i],
    ['a long list', '{([1..9999999])}', /sequence|10000/],
    ['a product of lists', '{([1..9999].([1..9999]))}', /sequence|timeout/i],
    ['a reduction without end', '{($reduce([1..9999], function($a, $b) { $sum([1..9999]) }))}', /timeout/i],
    ['a huge padding', '{($pad("a", 1000000000))}', /\$pad/],
    ['an expression in a text', '{($eval("1"))}', /\$eval/],
    [
      'a value that doubles itself',
      '{($f := function($v, $n) { $n = 0 ? $v : $f([$v, $v], $n - 1) }; $string($f("a", 30)))}',
      /./,
    ],
    [
      'objects that double themselves',
      '{($f := function($v, $n) { $n = 0 ? $v : $f({"a": $v, "b": $v}, $n - 1) }; $f("a", 40))}',
      /larger/,
    ],
    [
      'objects that double themselves, as a text',
      '{($f := function($v, $n) { $n = 0 ? $v : $f({"a": $v, "b": $v}, $n - 1) }; $length($f("a", 40) & ""))}',
      /builds a value larger/,
    ],
    [
      'steps that double',
      `{($length(({"a": 1}${'.{"x": $, "y": $}'.repeat(40)}) & ""))}`,
      /builds a value larger/,
    ],
    [
      'lists that double themselves, as a text',
      '{($f := function($v, $n) { $n = 0 ? $v : $f($zip($v, $v), $n - 1) }; $length($f(["a"], 40) & ""))}',
      /larger|timeout/,
    ],
    [
      'a replacement that is longer each time',
      `{($length($replace("${'a'.repeat(3000)}", "a", "${'b'.repeat(3000)}")))}`,
      /larger/,
    ],
    [
      'one of a pattern',
      `{($length($replace("${'a'.repeat(3000)}", /a/, "${'b'.repeat(3000)}")))}`,
      /larger/,
    ],
    [
      'one by a function',
      `{($length($replace("${'a'.repeat(5000)}", /a/, function($m) { $pad("x", 100000) })))}`,
      /larger|longer than|timeout/,
    ],
    [
      'a list that is joined by a long text',
      `{($length($join([1..500].$string(), "${'b'.repeat(3000)}")))}`,
      /larger/,
    ],
    [
      'a text that a reduction doubles',
      '{($length($reduce(["ab", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "1", "2", "3"], function($x, $y) { $x & $x })))}',
      /larger/,
    ],
    [
      'a list that a reduction doubles',
      '{($count($reduce([1..40], function($x, $y) { $append($x, $x) })))}',
      /larger|sequence/,
    ],
    [
      'texts that are no result',
      '{($map([1..3000], function($x) { $length($pad("x", 100000)) }))}',
      /larger|timeout/,
    ],
    [
      'a chain of replacements',
      `{#('e' + request.method)${".replace('e', 'eeeeeeee')".repeat(10)}}`,
      /larger/,
    ],
    [
      'a text that doubles itself',
      '{($f := function($v, $n) { $n = 0 ? $v : $f($v & $v, $n - 1) }; $f("abcdefgh", 25))}',
      /larger/,
    ],
  ])('%s', async (_name, text, reason) => {
    const { cause, ms } = await failure(text);
    expect(cause).toMatch(reason);
    expect(ms).toBeLessThan(3000);
  });

  test('the next evaluation is as good as before', async () => {
    const endless = compileTemplate('{($f := function($n) { $f($n + 1) }; $f(1))}');
    const fine = compileTemplate('{($uppercase(request.method))}');
    const results = await Promise.allSettled(
      [endless, fine, endless, fine].map((one) => one.evaluate(scope())),
    );
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('timers have their turn between evaluations', async () => {
    const busy = compileTemplate('{($sum([1..2000].($ * 2)))}', { ...DEFAULT_LIMITS, timeMs: 5000 });
    let ended = false;
    let ticksMeanwhile = 0;
    const timer = setInterval(() => {
      if (!ended) ticksMeanwhile++;
    }, 1);
    await Promise.all(Array.from({ length: 40 }, () => busy.evaluate(scope())));
    ended = true;
    clearInterval(timer);
    expect(ticksMeanwhile).toBeGreaterThan(2);
  });
});

describe('the result is bounded', () => {
  const large = scope({ message: message(JSON.stringify({ text: 'a'.repeat(1024 * 1024) })) });

  test.each(['{#message.content}', '{#message.json}', '{#message.json.text}', 'a{#message.json.text}b'])(
    '%s is too large',
    async (text) => {
      expect((await failure(text, large)).cause).toMatch(/larger than 1048576 bytes/);
    },
  );

  test('parts that fit one by one may not fit together', async () => {
    const half = scope({ message: message(JSON.stringify({ text: 'a'.repeat(600_000) })) });
    expect(compileTemplate('{#message.json.text}').evaluate(half)).toHaveLength(600_000);
    expect((await failure('{#message.json.text}{#message.json.text}', half)).cause).toMatch(/larger/);
  });

  test('escapes count', async () => {
    const escaped = scope({ message: message(JSON.stringify({ text: '\u0001'.repeat(200_000) })) });
    expect((await failure('{#message.json.text}', escaped)).cause).toMatch(/larger/);
  });

  test('a condition may look at what is too large for a result', () => {
    expect(compileCondition('{#message.content.length() > 100 && true}').matches(large)).toBeInstanceOf(
      Promise,
    );
    expect(compileCondition("{#message.json.text.startsWith('aa')}").matches(large)).toBe(true);
  });

  test('deep JSON is refused, not the end of the process', async () => {
    const deep = scope({ message: message(`${'['.repeat(5000)}${']'.repeat(5000)}`) });
    expect((await failure('{#message.json}', deep)).cause).toMatch(/nested deeper/);
    expect((await failure('{($string(message.json))}', deep)).cause).toMatch(/nested deeper/);
  });
});

describe('faults of values', () => {
  test.each([
    ["{#'abc' > 5}", /> does not order a text and a number/],
    ['{#1 / 0}', /1 \/ 0 is not a number/],
    ['{#true + 1}', /needs numbers/],
    ['{#api.id.substring(99)}', /outside of a text/],
    ["{#jsonPath('{', '$.a')}", /not JSON/],
    ['{($number("x"))}', /x/],
    ['{($uppercase)}', /function/],
  ])('%s', async (text, reason) => {
    expect((await failure(text)).cause).toMatch(reason);
  });

  test('content that is not JSON', async () => {
    const text = scope({ message: message('no json') });
    expect((await failure('{#message.json.a}', text)).cause).toMatch(/content is not JSON/);
    expect(compileTemplate('{#message.content}').evaluate(text)).toBe('no json');
  });
});
