import { SluiceError } from '@sluice/core';
import {
  fakeContext,
  fakeHost,
  MemoryEndpoint,
  numberedMessages,
  RecordingSink,
  recordingLogger,
  textMessage,
  until,
  within,
} from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';

describe('waiting', () => {
  test('gives the outcome when it comes in time, an error naming what was awaited when not', async () => {
    expect(await within(Promise.resolve(7), 10, 'seven')).toBe(7);
    const error = new Error('own');
    await expect(within(Promise.reject(error), 10, 'it')).rejects.toBe(error);
    await expect(within(new Promise(() => undefined), 5, 'the end')).rejects.toThrow(
      'the end: not within 5 ms',
    );
  });

  test('for a condition ends once it holds', async () => {
    let looks = 0;
    await until(() => ++looks === 3, 1000, 'the third look');
    expect(looks).toBe(3);
    await expect(until(() => false, 5, 'what never comes')).rejects.toThrow(
      'what never comes: not within 5 ms',
    );
  });
});

describe('a recording sink', () => {
  test('takes every chunk in order, each after the call that wrote it', async () => {
    const sink = new RecordingSink();
    const taken: string[] = [];
    expect(sink.write('a', () => taken.push('a'))).toBe(true);
    expect(sink.write(Buffer.from('ü'), () => taken.push('ü'))).toBe(true);
    expect(taken).toEqual([]);
    await sink.drained();
    expect(taken).toEqual(['a', 'ü']);
    expect(sink.text).toBe('aü');
  });

  test('that holds takes nothing, and says when it has no room', async () => {
    const sink = new RecordingSink(3);
    sink.hold();
    const taken: number[] = [];
    const rooms = ['ab', 'ü', 'c'].map((chunk, n) => sink.write(chunk, () => taken.push(n)));
    expect(rooms).toEqual([true, false, false]);
    expect(sink.waitingBytes).toBe(5);
    let drained = false;
    const draining = sink.drained().then(() => {
      drained = true;
    });
    sink.take(2);
    await Promise.resolve();
    expect({ taken, drained }).toEqual({ taken: [0, 1], drained: false });
    sink.release();
    await draining;
    expect(taken).toEqual([0, 1, 2]);
  });

  test('whose client left never takes what waited, and keeps nobody waiting', async () => {
    const sink = new RecordingSink();
    sink.hold();
    let taken = false;
    sink.write('a', () => {
      taken = true;
    });
    const draining = sink.drained();
    sink.leave();
    await draining;
    sink.release();
    expect(sink.write('b')).toBe(false);
    expect({ taken, closed: sink.closed.aborted }).toEqual({ taken: false, closed: true });
  });
});

test('a recording logger keeps the lines of its children, with their members', () => {
  const log = recordingLogger();
  log.child({ api: 'a' }).child({ request: 'r' }).warn({ key: 'K' }, 'careful');
  log.info({}, 'fine');
  expect(log.lines).toEqual([
    { level: 'warn', message: 'careful', members: { api: 'a', request: 'r', key: 'K' } },
    { level: 'info', message: 'fine', members: {} },
  ]);
});

test('fake contexts are different clients unless they are named', () => {
  expect(fakeContext().clientIdentifier).not.toBe(fakeContext().clientIdentifier);
  expect(fakeContext({ clientIdentifier: 'me', request: { method: 'PUT' } })).toMatchObject({
    clientIdentifier: 'me',
    request: { method: 'PUT', path: '/test' },
  });
});

test('a fake host gives the body, or the error that reading it meets, and reaches the endpoint', async () => {
  const ctx = fakeContext();
  const endpoint = new MemoryEndpoint({ maxContentBytes: 3 });
  const host = fakeHost({ endpoint, ctx, qos: 'none', body: Buffer.from('hi') });
  expect(String(await host.body())).toBe('hi');
  const results = await host.publish([textMessage('hi'), textMessage('too long')]);
  expect(results.map(({ ok }) => ok)).toEqual([true, false]);
  const error = new SluiceError('PAYLOAD_TOO_LARGE');
  await expect(fakeHost({ endpoint, ctx, qos: 'none', body: error }).body()).rejects.toBe(error);
});

test('messages of one key share a partition, those without one are spread', async () => {
  const endpoint = new MemoryEndpoint({ partitions: 3, messages: numberedMessages(6) });
  const keyed = Array.from({ length: 4 }, () => ({ ...textMessage('x'), key: Buffer.from('k') }));
  const places = keyed.map((message) => endpoint.append(message).partition);
  expect(new Set(places).size).toBe(1);
  expect(endpoint.append(textMessage('y'))).toEqual({
    topic: 'memory',
    partition: 0,
    offset: expect.any(Number),
  });
});
