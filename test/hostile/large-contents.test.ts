import { expect, test } from 'vitest';
import { gatewayWith, step } from '../contract/policies-gateway.js';

const list = (count: number) =>
  JSON.stringify({ items: Array.from({ length: count }, (_, n) => ({ n, text: `the text of ${n}` })) });
const mapping = step('json-to-json', { specification: 'items.{ "id": n, "t": $uppercase(text) }' });

test('a mapping of 144 KiB is carried out, and others are served meanwhile', async () => {
  const gateway = await gatewayWith({ publish: [mapping] });
  const answers = await Promise.all([
    gateway.post(list(4000)),
    gateway.post(list(2)),
    gateway.post(list(3000)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect(
    gateway
      .published()
      .map(({ content }) => JSON.parse(content ?? '').length)
      .sort(),
  ).toEqual([2, 3000, 4000]);
});

test('a content that is too large for JSONata is the client’s: 413', async () => {
  const gateway = await gatewayWith({ publish: [mapping] });
  const answer = await gateway.post(JSON.stringify({ items: [], more: 'x'.repeat(5 * 1024 * 1024) }));
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ key: 'EXPRESSION_FAILED' });
  expect(gateway.published()).toEqual([]);
});

test('a record of 144 KiB is mapped for its reader', async () => {
  const gateway = await gatewayWith({ subscribe: [mapping] }, { content: list(4000) });
  const { events } = await gateway.stream();
  expect(events.map(({ data }) => JSON.parse(data).length)).toEqual([4000, 4000]);
});

test('a record that is too large for JSONata fails as a step fails, in its place', async () => {
  const gateway = await gatewayWith(
    { subscribe: [mapping] },
    { content: JSON.stringify({ items: [], more: 'x'.repeat(5 * 1024 * 1024) }) },
  );
  const { events } = await gateway.stream();
  expect(events.map(({ data }) => JSON.parse(data).key)).toEqual(['EXPRESSION_FAILED', 'EXPRESSION_FAILED']);
});

test('a content whose check doubles at each level is the client’s: 413, and the next is served', async () => {
  const branch = { allOf: [{ properties: { a: { $ref: '#' } } }, { required: ['b'] }] };
  const schema = JSON.stringify({ anyOf: [branch, branch] });
  const gateway = await gatewayWith({ publish: [step('json-validation', { schema })] });
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const [hostile, usual] = await Promise.all([gateway.post(nested(60)), gateway.post('{"b":1}')]);
  expect(usual.status).toBe(202);
  expect(hostile.status).toBe(413);
  expect(await hostile.json()).toMatchObject({ key: 'JSON_INVALID_PAYLOAD' });
});
