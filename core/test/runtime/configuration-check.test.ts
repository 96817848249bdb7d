import { NO_EFFECT } from '@sluice/core';
import { expect, test } from 'vitest';
import { compileSchema } from '../../src/definition/validator.js';
import { ConfigurationCheck } from '../../src/runtime/configuration-check.js';

const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    topics: { type: 'array', items: { type: 'string' }, default: ['all'] },
    limit: { type: 'integer', default: 7 },
    note: { type: 'string' },
  },
};

function counted() {
  const validate = compileSchema(SCHEMA);
  const seen: unknown[] = [];
  const check = new ConfigurationCheck((value) => {
    seen.push(value);
    return validate(value);
  });
  return { check, seen };
}

test('what is written stays as it is, and comes back complete', () => {
  const written = { limit: '3' };
  expect(counted().check.check(written).value).toEqual({ topics: ['all'], limit: 3 });
  expect(written).toEqual({ limit: '3' });
});

test('the same words are checked once and share what became of them', () => {
  const { check, seen } = counted();
  const one = check.check({ topics: ['a'] });
  expect(check.check({ topics: ['a'] })).toBe(one);
  expect(check.check({ topics: ['b'] }).value).toEqual({ topics: ['b'], limit: 7 });
  expect(seen).toHaveLength(2);
});

test('nobody can change what others share', () => {
  const { value } = counted().check.check({ topics: ['a'] });
  expect(() => Object.assign(value, { limit: 1 })).toThrow(TypeError);
  expect(() => (value.topics as string[]).push('b')).toThrow(TypeError);
});

test('problems and expressions are told each time', () => {
  const { check } = counted();
  const wrong = { limit: 'x', note: '{#request.id}', other: 1 };
  for (let time = 0; time < 2; time++) {
    const { problems, expressions } = check.check(wrong);
    expect(problems.map(({ path }) => path)).toEqual(expect.arrayContaining([['limit'], ['other']]));
    expect(expressions).toEqual([{ path: ['note'], text: '{#request.id}' }]);
  }
});

test('two hundred are remembered, then the first is forgotten', () => {
  const { check, seen } = counted();
  for (let limit = 0; limit < 201; limit++) check.check({ limit });
  check.check({ limit: 1 });
  expect(seen).toHaveLength(201);
  check.check({ limit: 0 });
  expect(seen).toHaveLength(202);
});

test('a long one is not remembered', () => {
  const { check, seen } = counted();
  for (let time = 0; time < 2; time++) check.check({ note: 'x'.repeat(5000) });
  expect(seen).toHaveLength(2);
});

test('an option that is marked as one without effect is told where it asks for something', () => {
  const option = { $comment: NO_EFFECT, description: 'Has no effect: why.' };
  const schema = {
    type: 'object',
    properties: {
      log: { ...option },
      mode: { ...option, default: 'fast' },
      list: { type: 'array', items: { type: 'object', properties: { async: option } } },
    },
  };
  const check = new ConfigurationCheck(compileSchema(schema), schema);
  const told = (written: object) =>
    check.check(written).problems.map(({ path, harmless }) => [path, harmless]);
  expect(told({ log: { enabled: true }, mode: 'slow', list: [{}, { async: true }] })).toEqual([
    [['log'], true],
    [['mode'], true],
    [['list', 1, 'async'], true],
  ]);
  expect(told({ log: { enabled: false }, mode: 'fast', list: [{ async: false }] })).toEqual([]);
});
