import {
  fakeContext,
  fakeExpressions,
  policyConformance,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../../test/support/conformance.js';
import assignContent from '../src/index.js';

const expressions = fakeExpressions({
  '{#message.content}': (_ctx, message) => message?.content?.toString(),
  "{#message.headers['x']}": (_ctx, message) =>
    message?.headers.filter(([name]) => name === 'x').map(([, value]) => value?.toString()),
  "{#context.attributes['exchange']}": async (ctx) => ctx.attributes.get('exchange'),
  "{#context.attributes['}']}": () => 'brace',
  '{#message.json}': (_ctx, message) => JSON.parse(String(message?.content)) as unknown,
  '{#true ? 1 : 2}': () => 1,
  'before {#expression} ': () => 'before 7 ',
});
const created = (body: string) =>
  assignContent.create({ body }, { apiId: 'test', log: recordingLogger(), expressions });
const PHASES = ['onPublish', 'onSubscribe'] as const;

describe('conformance', () => {
  runConformance(
    policyConformance({
      plugin: assignContent,
      config: { body: `\${context.attributes['exchange']} says \${message.content!'nothing'}` },
      writesContent: () => true,
      expressions,
      withoutDefault: ['scope'],
      wrong: [
        { config: {}, says: /"body" is missing/ },
        { config: { body: `\${what}` }, says: /\{#what\}/ },
        { config: { body: `\${message.content` }, says: /not closed/ },
        { config: { body: `\${message['content}` }, says: /not closed/ },
        { config: { body: `\${ }` }, says: /names nothing/ },
      ],
    }),
  );
});

describe.each(PHASES)('%s', (phase) => {
  const run = async (
    body: string,
    message = textMessage('hello', {
      headers: [
        ['x', Buffer.from('1')],
        ['x', Buffer.from('2')],
      ],
    }),
  ) =>
    (
      await created(body)[phase]?.(message, fakeContext({ attributes: new Map([['exchange', 'one']]) }))
    )?.content?.toString();

  test.each([
    ['plain ✓', 'plain ✓'],
    ['', ''],
    [`\${message.content}`, 'hello'],
    [`\${#message.content}`, 'hello'],
    [`[\${ message.headers['x'] }]`, '[1,2]'],
    [`{"a":"\${context.attributes['exchange']}"}`, '{"a":"one"}'],
    [`\${context.attributes['}']}`, 'brace'],
    [`before {#expression} \${message.content}`, 'before 7 hello'],
    ['a<#-- a <#if> that is no directive -->b', 'ab'],
    [`\${true ? 1 : 2}`, '1'],
  ])('%s', async (body, content) => {
    expect(await run(body)).toBe(content);
  });

  test.each([
    [`\${message.content!'none'}`, 'none'],
    [`\${message.content!}`, ''],
    [`\${message.content ! 7}`, '7'],
  ])('what is nothing has its default: %s', async (body, content) => {
    expect(await run(body, { ...textMessage(''), content: null })).toBe(content);
    expect(await run(body)).toBe('hello');
  });

  test('what is nothing and has no default ends the message', async () => {
    const run = async () =>
      created(`\${message.content}`)[phase]?.({ ...textMessage(''), content: null }, fakeContext());
    await expect(run()).rejects.toMatchObject({
      status: 500,
      cause: { message: `\${message.content} has no value; with a default it is \${message.content!'...'}` },
    });
  });

  test('an object is JSON, and what fails ends the message', async () => {
    expect(await run(`\${message.json}`, textMessage('{"a": [1, {}]}'))).toBe('{"a":[1,{}]}');
    await expect(run(`\${message.json}`)).rejects.toThrow();
  });
});

test.each([
  ['<#if message.content??>x</#if>', /"<#if" is not supported; write a condition in an expression/],
  ['a </#else> b', /"<\/#else" is not supported; write a condition/],
  [`<#list items as item>\${item}</#list>`, /"<#list".*JSONata/],
  ['<#assign x = 1>', /"<#assign".*policy-assign-attributes/],
  ['<#include "x">', /"<#include" is not supported; write an expression/],
  ['<@macro/>', /"<@macro"/],
  [`\${message.content?upper_case}`, /"\?upper_case" of .* write x\.toUpperCase\(\)/],
  [`\${message.content?eval_json.name}`, /"\?eval_json".*message\.json/],
  [`\${message.content?what}`, /"\?what".*JSONata/],
])('FreeMarker beyond placeholders is refused by name: %s', (body, says) => {
  expect(() => created(body)).toThrow(says);
});
