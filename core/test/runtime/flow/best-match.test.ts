import { fakeContext } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { compileChannel } from '../../../src/runtime/flow/channel.js';
import { type Flow, selectFlows } from '../../../src/runtime/flow/flow.js';

const NO_STEPS = { request: [], response: [], publish: [], subscribe: [] };
const REQUEST = { entrypoint: 'sse', modes: ['subscribe'] } as const;

function flow(channel: string, operator: 'starts-with' | 'equals', rest: Partial<Flow> = {}): Flow {
  const compiled = compileChannel(channel, operator);
  return { name: channel, channel: compiled, operations: [], entrypoints: [], steps: NO_STEPS, ...rest };
}

async function names(flows: readonly Flow[], path: string, bestMatch: boolean): Promise<readonly string[]> {
  const ctx = fakeContext({ request: { pathInfo: path } });
  return (await selectFlows(flows, ctx, REQUEST, bestMatch)).map(({ name }) => name);
}

/** The expected results of the format's own table: best-match, for the flows of a plan and of an API. */
describe('best-match', () => {
  const plan = ['/', '/books/:bookId'];
  const api = [
    '/books/:bookId',
    '/books/:bookId/chapters/:chapterId',
    '/books/9999/chapters',
    '/books/:bookId/chapters',
  ];
  test.each([
    ['/books/145/chapters/12', ['/books/:bookId'], ['/books/:bookId/chapters/:chapterId']],
    ['/books/9999/chapters', ['/books/:bookId'], ['/books/9999/chapters']],
    ['/books/9999/chapters/random', ['/books/:bookId'], ['/books/9999/chapters']],
    ['/random', ['/'], []],
  ])('%s, starts-with', async (path, ofPlan, ofApi) => {
    expect(
      await names(
        plan.map((one) => flow(one, 'starts-with')),
        path,
        true,
      ),
    ).toEqual(ofPlan);
    expect(
      await names(
        api.map((one) => flow(one, 'starts-with')),
        path,
        true,
      ),
    ).toEqual(ofApi);
  });

  test('/books/9999/chapters/random, equals', async () => {
    const flows = api.map((one) => flow(one, 'equals'));
    expect(await names(flows, '/books/9999/chapters/random', true)).toEqual([
      '/books/:bookId/chapters/:chapterId',
    ]);
  });

  test('of two that fit alike the first is taken', async () => {
    const flows = [
      flow('/a', 'starts-with', { name: 'first' }),
      flow('/a', 'starts-with', { name: 'second' }),
    ];
    expect(await names(flows, '/a/b', true)).toEqual(['first']);
  });
});

describe('the default mode keeps every flow that matches, in order', () => {
  test.each([
    ['/', 'starts-with', '/anything/at/all', true],
    ['/', 'equals', '/', true],
    ['/', 'equals', '/a', false],
    ['/a', 'starts-with', '/a', true],
    ['/a', 'starts-with', '/a/b', true],
    ['/a', 'starts-with', '/ab', false],
    ['/a/', 'equals', '//a', true],
    ['/a/:x', 'equals', '/a', false],
    ['/a/:x', 'equals', '/a/b', true],
    ['/a/:x', 'equals', '/a/b/c', false],
    ['/a/:x/c', 'starts-with', '/a/b/c/d', true],
    ['/a/:x/c', 'starts-with', '/a/b/d', false],
  ] as const)('%s %s on %s: %s', async (channel, operator, path, matches) => {
    expect(await names([flow(channel, operator)], path, false)).toHaveLength(matches ? 1 : 0);
  });

  test('path parameters of what matched are there', async () => {
    const ctx = fakeContext({ request: { pathInfo: '/books/1/chapters/2' } });
    const flows = [flow('/books/:bookId', 'starts-with'), flow('/books/:b/chapters/:c', 'equals')];
    await selectFlows(flows, ctx, REQUEST, false);
    expect(Object.fromEntries(ctx.request.pathParams)).toEqual({ bookId: '1', b: '1', c: '2' });
  });

  test('operations and entrypoints select', async () => {
    const any = compileChannel('/', 'starts-with');
    const make = (name: string, rest: Partial<Flow>): Flow => ({
      name,
      channel: any,
      operations: [],
      entrypoints: [],
      steps: NO_STEPS,
      ...rest,
    });
    const flows = [
      make('all', {}),
      make('publish', { operations: ['publish'] }),
      make('both', { operations: ['publish', 'subscribe'] }),
      make('sse', { entrypoints: ['sse'] }),
      make('other', { entrypoints: ['http-get'] }),
    ];
    expect(await names(flows, '/', false)).toEqual(['all', 'both', 'sse']);
  });

  test('a condition is evaluated once', async () => {
    let asked = 0;
    const condition = (holds: () => boolean) => ({
      holds: () => {
        asked++;
        return holds();
      },
    });
    const flows = [
      flow('/', 'starts-with', { name: 'yes', condition: condition(() => true) }),
      flow('/', 'starts-with', { name: 'no', condition: condition(() => false) }),
    ];
    expect(await names(flows, '/', false)).toEqual(['yes']);
    expect(asked).toBe(2);
  });
});
