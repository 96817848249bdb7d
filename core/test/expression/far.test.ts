import { describe, expect, test } from 'vitest';
import { compileExpression } from '../../src/expression/compile.js';
import { compileHere } from '../../src/expression/evaluate.js';
import { compileCondition, compileTemplate } from '../../src/expression/expression.js';
import evaluateInThread from '../../src/expression/jsonata-thread.js';
import { DEFAULT_LIMITS } from '../../src/expression/limits.js';
import { plain } from '../../src/expression/plain.js';
import { readsOf } from '../../src/expression/reads.js';
import { partsOf } from '../../src/expression/scope.js';
import { forThread } from '../../src/expression/thread-parts.js';
import { failure } from './failure.js';
import { exchange, message, scope } from './fixture.js';
import { TABLE } from './table.js';

/** A busy machine must not look like a wrong value. */
const limits = { ...DEFAULT_LIMITS, timeMs: 10_000 };
const items = (count: number) => ({
  items: Array.from({ length: count }, (_, n) => ({ n: (n * 7919) % count, text: `text ${n}` })),
});
const large = (count: number, more: object = {}) => message({ ...items(count), ...more });

/** A text that is one expression, in JSONata. */
function jsonataOf(text: string): string | undefined {
  try {
    return text.startsWith('{') ? compileExpression(text.slice(1, -1)).jsonata : undefined;
  } catch {
    return undefined;
  }
}

describe('an expression has the same value in a thread', () => {
  const rows = TABLE.flatMap(([, group]) => group).flatMap(([text]) => {
    const jsonata = jsonataOf(text);
    const isFixed = !/secrets|random|now|millis|UUID|currentTime/i.test(text);
    return jsonata === undefined || !isFixed ? [] : [jsonata];
  });

  test('there are many', () => expect(rows.length).toBeGreaterThan(100));

  test.each(rows)('%s', async (text) => {
    const parts = partsOf(scope());
    if (parts === undefined) throw new Error('a scope has parts');
    const here = await compileHere(text, limits)
      .program(scope())
      .then((value) => ({ json: JSON.stringify(plain(value)) }))
      .catch(() => 'a fault');
    const far = await evaluateInThread({
      text,
      limits,
      comparing: {},
      parts: structuredClone(forThread(parts)),
    });
    expect('fault' in far ? 'a fault' : far).toEqual(here);
  });
});

describe('what may be large is told from what is not', () => {
  test.each([
    ['message.content', true, false],
    ['$count(message.json.items)', true, false],
    ['message.headers.x', false, false],
    ['message.metadata.topic & request.path', false, false],
    ['$string(message)', true, true],
    ['context.attributes.x', false, true],
    ['message.attributes.x', false, true],
    ['$.message.id', true, true],
    ['$$', true, true],
    ['*', true, true],
    ['**.x', true, true],
    ['$lookup("message").json', true, true],
    ['request.params.x[$ = "y"]', true, true],
    ['request.path = "/x" and $uppercase(api.id) = "X"', false, false],
  ])('%s: content %s, attributes %s', (text, content, attributes) => {
    expect(readsOf(compileHere(text, limits).ast)).toEqual({ content, attributes });
  });
});

describe('JSONata over what is large', () => {
  const mapping = compileTemplate('{(message.json.(items.{"id": n, "text": $uppercase(text)}))}');

  test('is evaluated, while the event loop goes on', async () => {
    await mapping.evaluate(scope({ message: large(200) }));
    let isDone = false;
    let turns = 0;
    const look = () => {
      turns++;
      if (!isDone) setImmediate(look);
    };
    setImmediate(look);
    const value = (await mapping.evaluate(scope({ message: large(4000) }))) as unknown[];
    isDone = true;
    expect(value).toHaveLength(4000);
    expect(value[1]).toEqual({ id: 7919 % 4000, text: 'TEXT 1' });
    expect(turns).toBeGreaterThan(3);
  });

  test('of a small content it is evaluated at once', async () => {
    let isDone = false;
    const small = compileTemplate('{(message.json.items.n)}').evaluate(scope({ message: large(3) }));
    void Promise.resolve(small).then(() => {
      isDone = true;
    });
    for (let tick = 0; tick < 1000; tick++) await Promise.resolve();
    expect(isDone).toBe(true);
  });

  test('a large attribute counts', async () => {
    const ctx = exchange();
    ctx.attributes.set('copy', items(4000));
    const value = await compileTemplate('{($count(context.attributes.copy.items[n >= 0]))}').evaluate(
      scope({ ctx }),
    );
    expect(value).toBe(4000);
  });

  test('an attribute that cannot be handed to a thread is read where it is', async () => {
    const ctx = exchange();
    ctx.attributes.set('odd', { of: 1, work: () => undefined });
    const text = '{($count(message.json.items) + context.attributes.odd.of)}';
    expect(await compileTemplate(text).evaluate(scope({ ctx, message: large(1000) }))).toBe(1001);
  });

  test('conditions and secrets too', async () => {
    const many = scope({ message: large(2000) });
    expect(await compileCondition('{($count(message.json.items) = 2000)}').matches(many)).toBe(true);
    const secret = '{(secrets.`/env/TOKEN` & $string($count(message.json.items)))}';
    expect(await compileTemplate(secret).evaluate(many)).toBe('s3cret2000');
  });

  test('is not tried twice, and its client is told', async () => {
    const endless = '{($count(message.json.items) > 0 and ($f := function($n) { $f($n + 1) }; $f(1)))}';
    const { cause, status, ms } = await failure(endless, scope({ message: large(2000) }));
    expect(cause).toMatch(/timeout after 2000 milliseconds/);
    expect(status).toBe(413);
    expect(ms).toBeLessThan(2000 * 1.9);
  });

  test('of a small content what never ends is the fault of the definition', async () => {
    const endless = '{(($f := function($n) { $f($n + 1) }; $f(1)))}';
    const { status } = await failure(endless);
    expect(status).toBe(500);
  });

  test('a content that is too large for it is refused at once', async () => {
    const { cause, status } = await failure(
      '{($count(message.json.items))}',
      scope({ message: large(1, { text: 'a'.repeat(5 * 1024 * 1024) }) }),
    );
    expect(cause).toMatch(/the content has \d+ bytes, where JSONata reads 4194304 at most/);
    expect(status).toBe(413);
  });

  test('a value that is too large, and one that is none, are faults as ever', async () => {
    const many = scope({ message: large(2000) });
    expect(await failure('{($number(message.json.items[0].text))}', many)).toMatchObject({ status: 500 });
    const doubled = '{($map([1..200], function($n) { message.json }))}';
    expect(await failure(doubled, many)).toMatchObject({ status: 413 });
    expect(
      await failure('{(message.json.items)}', scope({ message: message('x'.repeat(5000)) })),
    ).toMatchObject({
      cause: expect.stringMatching(/content is not JSON/),
    });
  });

  test('what nobody waits for any more is not begun, and many may wait', async () => {
    const gone = new AbortController();
    const ctx = { ...exchange(), signal: gone.signal };
    const work = Array.from({ length: 400 }, async () =>
      mapping.evaluate(scope({ ctx, message: large(200) })),
    );
    const waiting = Promise.allSettled(work);
    const others = Array.from({ length: 150 }, async () => mapping.evaluate(scope({ message: large(200) })));
    gone.abort();
    const ended = (await waiting).flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(ended.length).toBeGreaterThan(390);
    expect(String(ended[0].cause)).toMatch(/nobody waits/);
    expect(await Promise.all(others)).toHaveLength(150);
  });
});
