import { describe, expect, test } from 'vitest';
import { compileCondition, compileTemplate } from '../../src/expression/expression.js';
import { expressionScope } from '../../src/expression/scope.js';
import { exchange, message, scope } from './fixture.js';

const bare = expressionScope({ ctx: exchange() });

describe('what is absent is null', () => {
  test.each([
    '{#message.content}',
    '{#message.json.a}',
    "{#message.headers['a'][0]}",
    '{#subscription.metadata.a}',
    "{#properties['a']}",
    "{#endpoints['a']}",
    '{#node.id}',
    "{#dictionaries['a']['b']}",
    "{#secrets.get('/env/A')}",
    '{(message.json.a)}',
    '{($string(subscription.metadata.a))}',
  ])('%s', async (text) => {
    expect(await compileTemplate(text).evaluate(bare)).toBeNull();
  });
});

test('a tombstone and an empty content have no JSON', () => {
  expect(compileTemplate('{#message.json}').evaluate(scope({ message: message(null) }))).toBeNull();
  expect(compileTemplate('{#message.json}').evaluate(scope({ message: message('') }))).toBeNull();
  expect(compileTemplate('{#message.content}').evaluate(scope({ message: message(null) }))).toBeNull();
  expect(compileTemplate('{#message.content}').evaluate(scope({ message: message('') }))).toBe('');
});

test('content is parsed once for all expressions, and only when named', async () => {
  const parse = JSON.parse;
  let count = 0;
  JSON.parse = (text: string, ...rest: []) => {
    count++;
    return parse(text, ...rest) as unknown;
  };
  try {
    const given = scope();
    await compileTemplate('{#message.content.length()}{#message.id}').evaluate(given);
    expect(count).toBe(0);
    await compileTemplate("{#message.json.id}{#jsonPath(#message.content, '$.id')}").evaluate(given);
    await compileTemplate('{($string(message.json.id))}').evaluate(given);
    expect(count).toBe(1);
  } finally {
    JSON.parse = parse;
  }
});

test('what an expression gives is a copy', () => {
  const given = scope();
  const first = compileTemplate('{#message.json.customer}').evaluate(given) as { name: string };
  first.name = 'changed';
  expect(compileTemplate('{#message.json.customer.name}').evaluate(given)).toBe('Ada');
});

test('attributes of a message are found where it has them', () => {
  const attributes = { 'gravitee.attribute.kafka.recordKey': 'k' };
  const attributed = scope({ message: { ...message(), attributes } });
  const value = (text: string) => compileTemplate(text).evaluate(attributed);
  expect(value("{#message.attributes['kafka.recordKey']}")).toBe('k');
  expect(value('{#message.attributeNames}')).toEqual(['gravitee.attribute.kafka.recordKey']);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is no member', async (name) => {
  for (const root of [
    'request.headers',
    'message.json',
    'properties',
    'context.attributes',
    'subscription',
  ]) {
    expect(await compileTemplate(`{#${root}['${name}']}`).evaluate(scope())).toBeNull();
    expect(await compileTemplate(`{($lookup(${root}, "${name}"))}`).evaluate(scope())).toBeNull();
  }
});

test('a root is made once, and only when it is named', () => {
  const asked: string[] = [];
  const counting = (root: string) => {
    asked.push(root);
    return scope()(root);
  };
  expect(compileCondition("{#request.method == 'GET' && #message.json.id == 7}").matches(counting)).toBe(
    false,
  );
  expect(asked).toEqual(['request']);
});

describe('conditions', () => {
  test.each([
    ["{#request.method == 'POST'}", true],
    ["request.method == 'POST'", true],
    ["#request.headers['X-Flag'][0]", true],
    ['{#request.method}', false],
    ['{#message.json.nothing}', false],
    ['{#message.json.id}', false],
    ['true', true],
    ["'true'", true],
    [' {(true)} ', true],
    ['{#api.id}{#api.id}', false],
    ['{(message.json.total > 10)}', true],
    ["{(message.json.feature = 'blue')}", true],
    ["{#request.path.split('/')[1] == 'orders'}", true],
  ])('%s is %s', async (text, holds) => {
    expect(await compileCondition(text).matches(scope())).toBe(holds);
  });
});
