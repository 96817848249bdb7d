import { SluiceError, type Subscription } from '@sluice/core';
import {
  faultyEndpoint,
  MemoryEndpoint,
  numberedMessages,
  RecordingSink,
  recordingLogger,
  textMessage,
} from '@sluice/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Page } from '../../../test/support/pages.js';
import { type AskOptions, ask, send } from './serve.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount(), 'a page that was sent leaves no timer behind').toBe(0);
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);
const contents = ({ items }: Page) => items.map(({ content }) => content);

/** A whole page, whose time is let pass. */
async function page(
  endpoint: Parameters<typeof ask>[0],
  options: AskOptions = {},
  passMs = 5000,
): Promise<Page> {
  const asked = ask(endpoint, options).then((response) => send(response));
  asked.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(passMs);
  return JSON.parse(await asked) as Page;
}

describe('when a page ends', () => {
  test('at its count, at once', async () => {
    expect(contents(await page(faultyEndpoint(numberedMessages(50)), { query: 'limit=12' }, 0))).toHaveLength(
      12,
    );
  });

  test('at its time, with what came', async () => {
    const endpoint = new MemoryEndpoint();
    let answered = false;
    const asked = ask(endpoint).finally(() => {
      answered = true;
    });
    await vi.advanceTimersByTimeAsync(1000);
    endpoint.append(textMessage('one'));
    await vi.advanceTimersByTimeAsync(3999);
    expect(answered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(contents(JSON.parse(await send(await asked)))).toEqual(['one']);
  });

  test('Prefer: wait shortens and lengthens it, within its bound, and is answered', async () => {
    for (const [wait, ms] of [
      [1, 1000],
      [15, 15_000],
      [60, 20_000],
    ] as const) {
      const begun = performance.now();
      const asked = ask(faultyEndpoint([]), { headers: { accept: '*/*', prefer: `wait=${wait}` } });
      await vi.advanceTimersByTimeAsync(ms);
      const response = await asked;
      expect(response.headers).toMatchObject({ 'Preference-Applied': `wait=${ms / 1000}` });
      expect(performance.now() - begun).toBe(ms);
      await send(response);
    }
  });

  test('never after the time there is for the answer', async () => {
    await expect(
      page(faultyEndpoint([]), { config: { messagesLimitDurationMs: 600_000 }, answerInMs: 8000 }, 7000),
    ).resolves.toMatchObject({ items: [] });
  });

  test('at its size, and the next goes on behind it', async () => {
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(100) });
    const options = { config: { maxPageBytes: 200 } };
    const first = contents(await page(endpoint, options, 0));
    expect(first.length).toBeGreaterThan(1);
    expect(first.length).toBeLessThan(20);
    const second = contents(await page(endpoint, options, 0));
    expect(second[0]).toBe(String(first.length));
  });

  test.each(['at-best', 'at-most-once'] as const)(
    'at its size nothing that was handed out is lost (%s)',
    async (qos) => {
      const endpoint = new MemoryEndpoint({ messages: numberedMessages(60) });
      const seen: unknown[] = [];
      while (seen.length < 60)
        seen.push(...contents(await page(endpoint, { qos, config: { maxPageBytes: 200 } })));
      expect(seen).toEqual(Array.from({ length: 60 }, (_, number) => String(number)));
    },
  );

  test('when the gateway stops, and asks the client to connect anew', async () => {
    const stopping = new AbortController();
    const asked = ask(faultyEndpoint(numberedMessages(3)), { stopping: stopping.signal });
    await settle();
    stopping.abort();
    await settle();
    const response = await asked;
    expect(response.headers).toMatchObject({ Connection: 'close' });
    expect(contents(JSON.parse(await send(response)))).toEqual(['0', '1', '2']);
  });

  test('when its client goes: nothing is settled, the subscription is closed', async () => {
    const endpoint = faultyEndpoint(numberedMessages(3));
    const gone = new AbortController();
    const asked = ask(endpoint, { gone: gone.signal });
    await settle();
    gone.abort();
    const sink = new RecordingSink();
    sink.leave();
    await send(await asked, sink);
    expect(endpoint.deliveries.acked).toEqual([]);
    expect(endpoint.openSubscriptions).toBe(0);
  });
});

/** A subscription that can be read from only once it is `ready`. */
function joining(): { endpoint: MemoryEndpoint; joined: () => void } {
  let joined = () => {};
  const ready = new Promise<void>((resolve) => {
    joined = resolve;
  });
  class Joining extends MemoryEndpoint {
    override async subscribe(...args: Parameters<MemoryEndpoint['subscribe']>): Promise<Subscription> {
      return Object.assign(await super.subscribe(...args), { ready });
    }
  }
  return { endpoint: new Joining(), joined };
}

test('its time begins when messages can come', async () => {
  const { endpoint, joined } = joining();
  let answered = false;
  const asked = ask(endpoint).finally(() => {
    answered = true;
  });
  await vi.advanceTimersByTimeAsync(9000);
  joined();
  await vi.advanceTimersByTimeAsync(4000);
  endpoint.append(textMessage('late'));
  await vi.advanceTimersByTimeAsync(999);
  expect(answered).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(contents(JSON.parse(await send(await asked)))).toEqual(['late']);
});

test('a group that is never joined is an error in time for the answer: nobody knows whether there is something', async () => {
  const { endpoint } = joining();
  await expect(page(endpoint, { answerInMs: 10_000 }, 9000)).rejects.toMatchObject({
    key: 'ENDPOINT_UNAVAILABLE',
  });
});

describe('what is settled', () => {
  test('everything once the last byte is taken, before the response ends', async () => {
    const endpoint = faultyEndpoint(numberedMessages(30));
    const sink = new RecordingSink();
    sink.hold();
    const response = await ask(endpoint, { query: 'limit=7' });
    const sent = send(response, sink);
    await settle();
    expect(endpoint.deliveries.acked).toEqual([]);
    sink.release();
    await sent;
    expect(endpoint.deliveries.acked).toHaveLength(7);
    expect(endpoint.openSubscriptions).toBe(0);
    expect(endpoint.deliveries.delivered, 'no more is handed out than the page holds').toBe(7);
  });

  test('the response does not end before what was settled is recorded', async () => {
    let recorded = () => {};
    const recording = new Promise<void>((resolve) => {
      recorded = resolve;
    });
    class Slow extends MemoryEndpoint {
      override async subscribe(...args: Parameters<MemoryEndpoint['subscribe']>): Promise<Subscription> {
        const subscription = await super.subscribe(...args);
        return Object.assign(subscription, { close: () => recording });
      }
    }
    let ended = false;
    const response = await ask(new Slow({ messages: numberedMessages(3) }), { query: 'limit=3' });
    const sent = send(response).then(() => {
      ended = true;
    });
    await settle();
    expect(ended).toBe(false);
    recorded();
    await sent;
    expect(ended).toBe(true);
  });

  test('a client that takes nothing for stallTimeoutMs is cut, and has its page again', async () => {
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(3) });
    const sink = new RecordingSink();
    sink.hold();
    const options = { query: 'limit=3', config: { stallTimeoutMs: 1000 } };
    const sent = send(await ask(endpoint, options), sink);
    const outcome = expect(sent).rejects.toMatchObject({ key: 'SLOW_CONSUMER' });
    await vi.advanceTimersByTimeAsync(1000);
    await outcome;
    expect(contents(await page(endpoint, options, 0))).toEqual(['0', '1', '2']);
  });

  test('a page of megabytes goes in pieces, each with its own time', async () => {
    const endpoint = new MemoryEndpoint({ messages: [textMessage('x'.repeat(400_000))] });
    const sink = new RecordingSink();
    sink.hold();
    const response = await ask(endpoint, { query: 'limit=1', config: { stallTimeoutMs: 1000 } });
    let done = false;
    const sent = send(response, sink).then(() => {
      done = true;
    });
    while (!done) {
      await vi.advanceTimersByTimeAsync(900);
      sink.take();
      await settle();
    }
    await sent;
    expect(sink.chunks.length).toBe(7);
    expect(JSON.parse(Buffer.concat(sink.chunks as Buffer[]).toString()).items[0].content).toHaveLength(
      400_000,
    );
  });
});

describe('where the client goes on', () => {
  test('an empty page gives the place it looked from', async () => {
    const endpoint = faultyEndpoint(numberedMessages(3));
    expect((await page(endpoint, { query: 'cursor=2' })).pagination).toEqual({ nextCursor: '2' });
    expect((await page(faultyEndpoint([]))).pagination).toEqual({ nextCursor: '-1' });
  });

  test('a cursor wins over the group, also when it is behind', async () => {
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(5) });
    expect(contents(await page(endpoint, { query: 'limit=5' }, 0))).toHaveLength(5);
    expect(contents(await page(endpoint, { query: 'limit=2&cursor=1' }, 0))).toEqual(['2', '3']);
  });

  test('since begins at the first message of that time', async () => {
    const at = (day: number) => Date.UTC(2026, 0, day);
    const messages = [1, 2, 3].map((day) => textMessage(String(day), { timestampMs: at(day) }));
    const endpoint = new MemoryEndpoint({ messages });
    expect(contents(await page(endpoint, { query: 'limit=2&since=2026-01-02' }, 0))).toEqual(['2', '3']);
  });

  test('at none what does not fit into the page is not passed', async () => {
    const { items, pagination } = await page(
      faultyEndpoint(numberedMessages(30)),
      { qos: 'none', query: 'limit=7' },
      0,
    );
    expect([items.length, pagination?.nextCursor]).toEqual([7, '6']);
  });

  test('at balanced there is no cursor, and no pagination', async () => {
    const found = await page(faultyEndpoint(numberedMessages(2)), { qos: 'balanced' });
    expect(found).toEqual({ items: [{ content: '0' }, { content: '1' }] });
  });
});

describe('what is told in the page', () => {
  test('an error of the reading, behind what came before; its cause only the log', async () => {
    const cause = new Error('broker-7.internal refused us');
    const error = new SluiceError('SUBSCRIBE_FAILED', { cause });
    const endpoint = faultyEndpoint(numberedMessages(5), { breakSubscription: { after: 2, error } });
    const log = recordingLogger();
    const found = await page(endpoint, { log, config: { metadataInPayload: true } });
    expect(contents(found)).toEqual(['0', '1']);
    expect(found.error).toMatchObject({
      id: 'request-1',
      metadata: { key: 'SUBSCRIBE_FAILED', statusCode: 502, reason: 'The endpoint refused the subscription' },
    });
    expect(found.pagination?.nextCursor).toBe('1');
    expect(JSON.stringify(found)).not.toContain('internal');
    expect(log.lines).toMatchObject([{ level: 'error', members: { err: cause } }]);
  });

  test('a gap', async () => {
    const gap = { key: 'CURSOR_EXPIRED', source: 'orders@0', from: 3, to: 8 } as const;
    expect((await page(faultyEndpoint(numberedMessages(2), { gap }))).gaps).toEqual([gap]);
  });
});

describe('one message alone', () => {
  const headers = { accept: 'application/octet-stream' };

  test('is its own bytes; the next request has the next', async () => {
    const endpoint = new MemoryEndpoint({ messages: [textMessage('one'), textMessage('two')] });
    for (const content of ['one', 'two']) expect(await send(await ask(endpoint, { headers }))).toBe(content);
  });

  test('is 204 with the cursor when none came in time', async () => {
    const asked = ask(faultyEndpoint([]), { headers });
    await vi.advanceTimersByTimeAsync(5000);
    expect(await asked).toMatchObject({ status: 204, headers: { 'X-Message-Id': '-1' } });
  });

  test('an error of the reading is answered as an error', async () => {
    const error = new SluiceError('SUBSCRIBE_FAILED');
    const endpoint = faultyEndpoint([], { breakSubscription: { after: 0, error } });
    await expect(ask(endpoint, { headers })).rejects.toBe(error);
    expect(endpoint.openSubscriptions).toBe(0);
  });

  test('an empty one and a tombstone are settled as any other', async () => {
    const endpoint = new MemoryEndpoint({ messages: [textMessage(''), textMessage('', { content: null })] });
    const first = await ask(endpoint, { headers });
    expect([first.headers?.['X-Message-Tombstone'], await send(first)]).toEqual([undefined, '']);
    const second = await ask(endpoint, { headers });
    expect([second.headers?.['X-Message-Tombstone'], await send(second)]).toEqual(['true', '']);
  });
});

test('HEAD has the headers of GET and reads nothing', async () => {
  const endpoint = faultyEndpoint(numberedMessages(3));
  const response = await ask(endpoint, { method: 'HEAD' });
  expect(response).toMatchObject({ status: 200, headers: { 'Content-Type': 'application/json' } });
  expect('stream' in response).toBe(false);
  expect(endpoint.subscribes).toEqual([]);
  await expect(ask(endpoint, { method: 'HEAD', query: 'limit=x' })).rejects.toMatchObject({
    key: 'INVALID_PARAMETER',
  });
});
