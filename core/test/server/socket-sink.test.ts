import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CLOSED_SINK, SocketSink } from '../../src/server/socket-sink.js';

/** As much of node's socket as a sink uses. */
class FakeSocket extends EventEmitter {
  destroyed = false;
  writableNeedDrain = false;
  writableLength = 0;
  readonly written: string[] = [];
  readonly callbacks: ((error?: Error | null) => void)[] = [];

  write(chunk: string, callback?: (error?: Error | null) => void): boolean {
    this.written.push(chunk);
    if (callback !== undefined) this.callbacks.push(callback);
    return !this.writableNeedDrain;
  }

  /** From now on what is written waits. */
  fill(): void {
    this.writableNeedDrain = true;
    this.writableLength = 20_000;
  }
}

function sinkOn() {
  const response = new FakeSocket();
  return { response, sink: new SocketSink(response as unknown as Writable) };
}

test('a write says whether there is room', () => {
  const { response, sink } = sinkOn();
  expect(sink.write('a')).toBe(true);
  response.fill();
  expect(sink.write('b')).toBe(false);
  expect(response.written).toEqual(['a', 'b']);
});

test('a chunk larger than the buffer leaves room when the system has taken all of it', () => {
  const { response, sink } = sinkOn();
  response.writableNeedDrain = true;
  expect(sink.write('large')).toBe(true);
});

test('bytes count as taken once the system has them, and not when the write failed', () => {
  const { response, sink } = sinkOn();
  const taken: string[] = [];
  sink.write('a', () => taken.push('a'));
  sink.write('b', () => taken.push('b'));
  sink.write('c', () => taken.push('c'));
  expect(taken).toEqual([]);
  response.callbacks[0]?.();
  response.callbacks[1]?.(new Error('EPIPE'));
  response.callbacks[2]?.(null);
  expect(taken).toEqual(['a', 'c']);
});

test('bytes that wait without any being taken are told by their time, from the first look on', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { response, sink } = sinkOn();
  const socket = Object.assign(response, { bytesWritten: 0 });
  const set = (bytesWritten: number, writableLength: number) =>
    Object.assign(socket, { bytesWritten, writableLength });
  expect(sink.stalledMs).toBe(0);
  set(1000, 300);
  expect(sink.stalledMs).toBe(0);
  vi.advanceTimersByTime(500);
  // More was written, and nothing taken.
  set(1100, 400);
  expect(sink.stalledMs).toBe(500);
  vi.advanceTimersByTime(500);
  set(1100, 399);
  expect(sink.stalledMs).toBe(0);
  vi.advanceTimersByTime(500);
  expect(sink.stalledMs).toBe(500);
  set(1100, 0);
  expect(sink.stalledMs).toBe(0);
  vi.advanceTimersByTime(500);
  set(1200, 100);
  expect(sink.stalledMs).toBe(0);
});

test('nothing is written to a response that is destroyed', () => {
  const { response, sink } = sinkOn();
  response.destroyed = true;
  expect(sink.write('a', () => expect.unreachable())).toBe(false);
  expect(response.written).toEqual([]);
});

test('drained waits for the room there is not, and leaves no listener behind', async () => {
  const { response, sink } = sinkOn();
  await sink.drained();
  response.fill();
  let drained = false;
  const draining = sink.drained().then(() => {
    drained = true;
  });
  await Promise.resolve();
  expect(drained).toBe(false);
  response.emit('drain');
  await draining;
  expect(response.listenerCount('drain') + response.listenerCount('close')).toBe(0);
});

test('drained keeps nobody waiting for a client that leaves, or has left', async () => {
  const { response, sink } = sinkOn();
  response.fill();
  const draining = sink.drained();
  response.destroyed = true;
  response.emit('close');
  await draining;
  await sink.drained();
  expect(response.listenerCount('drain')).toBe(0);
});

test('the sink is the signal that its client has gone', () => {
  const { response, sink } = sinkOn();
  const [told, taken] = [vi.fn(), vi.fn()];
  sink.closed.addEventListener('abort', told);
  sink.closed.addEventListener('abort', taken);
  sink.closed.removeEventListener('abort', taken);
  expect(sink.closed.aborted).toBe(false);
  response.destroyed = true;
  response.emit('close');
  expect(sink.closed.aborted).toBe(true);
  expect([told, taken].map((listener) => listener.mock.calls.length)).toEqual([1, 0]);
});

test('the sink of a client that never saw its answer is closed', async () => {
  expect(CLOSED_SINK.closed.aborted).toBe(true);
  expect(CLOSED_SINK.write('a')).toBe(false);
  await CLOSED_SINK.drained();
});
