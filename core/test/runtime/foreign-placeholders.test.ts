import { expect, test } from 'vitest';
import { inTime } from '../../../test/support/in-time.js';
import { foreignPlaceholders } from '../../src/runtime/names/foreign-placeholders.js';

const ENV = (inside: string) => `\${${inside}}`;

test.each([
  [ENV('KAFKA'), ENV('env:KAFKA')],
  [ENV('KAFKA_URL:localhost:9092'), ENV('env:KAFKA_URL:-localhost:9092')],
  [ENV('KAFKA_URL:-localhost:9092'), ENV('env:KAFKA_URL:-localhost:9092')],
  [ENV('env.KAFKA'), ENV('env:KAFKA')],
  [ENV('ENV:KAFKA'), ENV('env:KAFKA')],
  ['{{KAFKA}}', ENV('env:KAFKA')],
  ['{{ env.KAFKA }}', ENV('env:KAFKA')],
  ['{{request.headers.x}}', '{#request.headers.x}'],
  ['{{ message.id }}', '{#message.id}'],
  ["{{#request.headers['x'][0]}}", "{#request.headers['x'][0]}"],
  ["#{request.headers['x']}", "{#request.headers['x']}"],
  [ENV('request.id'), '{#request.id}'],
  ["{request.headers['x']}", "{#request.headers['x']}"],
])('%s is told, with the spelling %s', (text, meant) => {
  const found = foreignPlaceholders({ endpoints: [{ topics: ['plain', `a-${text}-b`] }] });
  expect(found).toEqual([
    {
      severity: 'warning',
      path: ['endpoints', 0, 'topics', 1],
      message: `${text} is taken literally; did you mean ${meant}?`,
    },
  ]);
});

test.each([
  'plain',
  '{#request.id}',
  "{#request.headers['x'][0]}-{(message.id)}",
  '{#{"a"}.contains(request.id)}',
  '{"json": {"message": 1}}',
  '{{name}}',
  '{{#each items}}x{{/each}}',
  ENV('env:NOT_SET'),
  ENV('price'),
  '$ConnectionString',
])('%s is left alone', (text) => {
  expect(foreignPlaceholders({ value: text })).toEqual([]);
});

test('a body may be a template of another language, and what is for people may say anything', () => {
  expect(foreignPlaceholders({ body: ENV('message.content'), description: '{{request.id}}' })).toEqual([]);
});

test('a long text takes no longer than its length', () => {
  const blanks = ' '.repeat(200_000);
  for (const text of [
    `{{${blanks}`,
    `{{request${blanks}`,
    `{ ${blanks}`,
    '{{'.repeat(100_000),
    `\${${blanks}`,
  ]) {
    inTime(1000, () => foreignPlaceholders({ text }));
  }
});
