import { describe, expect, test } from 'vitest';
import { fc } from '../../../test/support/property.js';
import { compilePattern, PatternSyntaxError } from '../../src/regex/index.js';

const js = (pattern: string, flags = '') => compilePattern(pattern, { dialect: 'javascript', flags });
const java = (pattern: string) => compilePattern(pattern, { dialect: 'java', whole: true });

/** Patterns that take an engine that tries one way after the other a time that grows faster than the text does. */
const HOSTILE = [
  '(a|a)*b',
  '(?:ab|a|b)*c',
  '^(?:ab|a|b)*(?:ab|a|b)*$c',
  '(a+)+b',
  '(.*,)*b',
  'a*a*a*a*a*b',
  '(?:a?){30}a{30}b',
  '^[\\w.]+@([\\w-]+\\.)+[\\w-]{2,4}$',
  '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$',
  '^(?=.*\\d)(?=(?:a|a)*b).{8,}$',
  '(?i)(?:a|A)*b',
  '\\s*$x',
];

describe('time', () => {
  test.each(HOSTILE)('twice the text takes twice the time: %s', { retry: 3 }, (pattern) => {
    const compiled = compilePattern(pattern, { dialect: 'java' });
    const took = (length: number) => {
      const text = 'aA'.repeat(length / 2);
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 5; run++) {
        const began = performance.now();
        compiled.test(text, 10_000);
        compiled.find(text, 0, 10_000);
        best = Math.min(best, performance.now() - began);
      }
      return best;
    };
    took(2000);
    // Some milliseconds are within what a clock and a collector of garbage disturb.
    expect(took(200_000)).toBeLessThan(took(100_000) * 2.5 + 5);
    expect(took(100_000)).toBeLessThan(100);
  });

  test('an e-mail address of 49 characters is judged at once', () => {
    const email = js('^([a-zA-Z0-9_.-]+)+@([a-zA-Z0-9-]+.)+[a-zA-Z]{2,}$', 'u');
    const began = performance.now();
    expect(email.test(`a@${'a'.repeat(47)}!`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(50);
  });
});

describe('what JavaScript matches is matched, and found at the same place', () => {
  const atom = fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      'ab',
      '.',
      '\\d',
      '\\w',
      '\\s',
      '[a-c]',
      '[^b]',
      '[\\w-]',
      '\\bx',
      '\\u0041',
      '\\x20',
      'é',
      '\\.',
      '[\\s\\S]',
      '[^]',
      '-',
      '\\/',
      '\\-',
      '{',
      '\\cJ',
      '\\S',
      '[^\\s,]',
      '\\W',
      '_',
    ),
    fc.constantFrom('\\p{L}', '\\p{Lu}').map(() => '[A-Z]'),
  );
  const quantified = fc
    .tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}', '*?', '+?', '{2,}'))
    .map(([a, q]) => (q === '' ? a : `(?:${a})${q}`));
  const sequence = fc.array(quantified, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  const pattern = fc
    .tuple(
      fc.constantFrom('', '^', '(?=.*a)', '^(?=.*a)', '^(?!.*bb)'),
      fc.array(sequence, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '$'),
    )
    .map(([start, branches, end]) => `${start === '(?=.*a)' ? '' : start}(${branches.join('|')})${end}`);
  const text = fc
    .array(
      fc.constantFrom(
        'a',
        'b',
        'c',
        'x',
        '1',
        ' ',
        '\n',
        ',',
        '-',
        'A',
        'é',
        '\u00a0',
        '\u2028',
        '😀',
        '_',
        '\t',
        '{',
      ),
      { maxLength: 12 },
    )
    .map((chars) => chars.join(''));

  test('for random patterns and texts', () => {
    fc.assert(
      fc.property(pattern, text, fc.constantFrom('', 's', 'i', 'is'), (source, subject, flags) => {
        let native: RegExp;
        try {
          native = new RegExp(source, `${flags}u`);
        } catch {
          return;
        }
        const found = js(source, `${flags}u`).find(subject, 0);
        const expected = native.exec(subject);
        expect([source, found?.index, ...(found ?? [])]).toEqual([
          source,
          expected?.index,
          ...(expected ?? []),
        ]);
        expect(js(source, `${flags}u`).test(subject)).toBe(expected !== null);
      }),
      { numRuns: 500 },
    );
  });
});

describe('patterns of Java', () => {
  test.each([
    ['\\p{Alpha}+', 'abc', true],
    ['\\P{Alpha}+', '123', true],
    ['[\\p{Upper}\\d]+', 'A1', true],
    ['[^\\p{Punct}]+', 'a.b', false],
    ['\\p{IsGreek}+', 'λ', true],
    ['\\pL+', 'é', true],
    ['(?i)abc', 'ABC', true],
    ['(?s).*', 'a\nb', true],
    ['.*', 'a\nb', false],
    ['\\Qa.b\\E+', 'a.bbb', true],
    ['[\\Q^]\\E]+', '^]', true],
    ['\\h\\v', '\t\n', true],
    ['\\x{1F600}', '😀', true],
    ['\\uD83D\\uDE00', '😀', true],
    ['\\0101', 'A', true],
    ['(?<!-)a', 'a', true],
    ['[a-z0-9-]{1,63}(?<!-)', 'abc-', false],
    ['(?=.*\\d)(?=.*[a-z])(?!.*__).{8,}', 'abcdefg1', true],
    ['(?=.*\\d)(?=.*[a-z])(?!.*__).{8,}', 'abcd__g1', false],
    ['(?<name>a|b)', 'b', true],
    ['a|b', 'ab', false],
    ['\\s+', '\u00a0', false],
  ])('%s, %s: %s', (pattern, text, matches) => {
    expect(java(pattern).test(text)).toBe(matches);
  });

  test.each(['x{0,2500}', 'x{1,}x{2499}', '.{2500}', 'x{10,2500}?', 'x{2400,}'])(
    '%s counts far',
    (pattern) => {
      const matches = [2399, 2500, 2501].map((length) => java(pattern).test('x'.repeat(length), 10_000));
      const native = [2399, 2500, 2501].map((length) =>
        new RegExp(`^(?:${pattern})$`).test('x'.repeat(length)),
      );
      expect(matches).toEqual(native);
    },
  );

  test('split as Java does', () => {
    const split = (pattern: string, text: string) => compilePattern(pattern, { dialect: 'java' }).split(text);
    expect(split(',', 'a,b,,c,,')).toEqual(['a', 'b', '', 'c']);
    expect(split('(,)', 'a,b')).toEqual(['a', 'b']);
    expect(split(',', '')).toEqual(['']);
    expect(split('', 'abc')).toEqual(['a', 'b', 'c']);
  });
});

test('a pattern that a client wrote is small', () => {
  const foreign = (pattern: string) => compilePattern(pattern, { dialect: 'java', isForeign: true });
  expect(foreign('[a-z]{400}').test('a')).toBe(false);
  expect(() => foreign('[a-z]{600}')).toThrow(/too large/);
  expect(() => foreign('a'.repeat(257))).toThrow(/longer than 256 characters/);
});

describe('what the engine has not is refused with its place, and what to write', () => {
  test.each([
    ['(a)\\1', 3, /reference to a group.*compare the parts/],
    ['a(?=b)', 1, /cannot stand here; a look-ahead is possible at the beginning/],
    ['^(?=a)b|c', 7, /stand in a group, such as \(\?:a\|b\)/],
    ['^(?=(a))b', 4, /written as \(\?:/],
    ['(?>a)', 0, /atomic group.*write \(\?:/],
    ['a*+', 1, /possessive.*leave out/],
    ['a(?i)b', 1, /flag inside the pattern.*at the beginning/],
    ['(a', 0, /not closed by "\)"/],
    ['a)', 1, /closes no group/],
    ['[a', 0, /not closed by "\]"/],
    ['*a', 0, /nothing to repeat/],
    ['a**', 2, /nothing to repeat/],
    ['a{3,1}', 1, /wrong order/],
    ['(?:a{100}){100}', 10, /repeated more than 1000 times/],
    ['(?:ab){2000}', 6, /repeated more than 1000 times/],
    ['a{6000}', 1, /too large/],
    ['\\p{Nope}', 0, /no class \\p\{Nope\}/],
    ['\\q', 0, /the escape \\q is not supported/],
    ['a\\', 1, /ends within an escape/],
    ['[a-z&&[^b]]', 4, /class within a class/],
    [`${'('.repeat(101)}a${')'.repeat(101)}`, 100, /nested deeper/],
    ['a'.repeat(16_385), 16_384, /longer than/],
    ['[z-a]', 0, /not valid/],
  ])('%s', (pattern, offset, says) => {
    const compile = () => java(pattern);
    expect(compile).toThrow(says);
    expect(compile).toThrow(PatternSyntaxError);
    try {
      compile();
    } catch (error) {
      expect((error as PatternSyntaxError).offset).toBe(offset);
    }
  });
});
