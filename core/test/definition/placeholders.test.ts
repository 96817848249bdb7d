import { describe, expect, test } from 'vitest';
import { placeholder } from '../../../test/support/placeholder.js';
import { fc } from '../../../test/support/property.js';
import { fillPlaceholders } from '../../src/definition/placeholders.js';

function fill(value: unknown, environment: Record<string, string | undefined> = {}) {
  const missing: string[] = [];
  const filled = fillPlaceholders(value, environment, (path, name) =>
    missing.push(`${path.join('.')} ${name}`),
  );
  return { filled, missing };
}

describe('a placeholder', () => {
  test('is replaced by the value of its variable', () => {
    expect(fill(placeholder('HOST'), { HOST: 'kafka' }).filled).toBe('kafka');
  });

  test('is replaced anywhere in a string, each of them', () => {
    const text = `${placeholder('A')}:1,${placeholder('B')}:2,${placeholder('A')}:3`;
    expect(fill(text, { A: 'a', B: 'b' }).filled).toBe('a:1,b:2,a:3');
  });

  test('takes its default when the variable is not set', () => {
    expect(fill(placeholder('HOST:-localhost:9092')).filled).toBe('localhost:9092');
    expect(fill(placeholder('HOST:-')).filled).toBe('');
    expect(fill(placeholder('HOST:-a:-b')).filled).toBe('a:-b');
  });

  test('counts an empty variable as set', () => {
    expect(fill(placeholder('HOST:-localhost'), { HOST: '' }).filled).toBe('');
  });

  test('without value and default stays as it is, and is reported with its place', () => {
    const { filled, missing } = fill({ a: ['x', { b: placeholder('NONE') }] });
    expect(filled).toEqual({ a: ['x', { b: placeholder('NONE') }] });
    expect(missing).toEqual(['a.1.b NONE']);
  });

  test('is not filled again with what came out of it', () => {
    expect(fill(placeholder('A'), { A: placeholder('B'), B: 'secret' }).filled).toBe(placeholder('B'));
  });

  test('puts in a value that looks like a replacement pattern as it is', () => {
    expect(fill(placeholder('A'), { A: "$& $1 $' $$" }).filled).toBe("$& $1 $' $$");
  });

  test.each([
    '$env:A',
    '{env:A}',
    '$ {env:A}',
    '\\{env:A}',
    `$\{A}`,
    `$\{ENV:A}`,
    `$\{env:}`,
    `$\{env:1A}`,
    `$\{env:A B}`,
  ])('is not %s', (text) => {
    expect(fill(text, { A: 'a', '1A': 'b' })).toEqual({ filled: text, missing: [] });
  });
});

test('names of members, numbers, booleans and null are left alone', () => {
  const value = { [placeholder('A')]: 1, b: true, c: null, d: [2.5] };
  expect(fill(value, { A: 'a' })).toEqual({ filled: value, missing: [] });
});

test('a document without placeholders comes back equal, on a copy', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('env:'));
      expect(fill(value).filled).toEqual(value);
    }),
  );
});

test('whatever stands around it and in its variable, exactly the placeholder is replaced', () => {
  const text = fc.string().filter((part) => !part.includes('$') && !part.includes('}'));
  fc.assert(
    fc.property(text, fc.string(), text, (before, value, after) => {
      expect(fill(`${before}${placeholder('NAME')}${after}`, { NAME: value }).filled).toBe(
        before + value + after,
      );
    }),
  );
});
