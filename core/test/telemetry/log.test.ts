import { expect, test } from 'vitest';
import { createLogger } from '../../src/telemetry/log.js';

function logTo(level: Parameters<typeof createLogger>[0]) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(level, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

test('a line is JSON with its members, and the sentence under msg', () => {
  const { log, lines } = logTo('info');
  log.child({ api: 'orders' }).info({ event: 'ready' }, 'serving');
  expect(lines).toMatchObject([
    { level: 30, api: 'orders', event: 'ready', msg: 'serving', pid: process.pid },
  ]);
});

test('lines below the level are left out', () => {
  const { log, lines } = logTo('warn');
  log.debug({}, 'a');
  log.info({}, 'b');
  log.warn({}, 'c');
  log.error({}, 'd');
  expect(lines.map(({ msg }) => msg)).toEqual(['c', 'd']);
});

test('an error under err has its kind, message, stack and cause', () => {
  const { log, lines } = logTo('info');
  log.error({ err: new TypeError('outer', { cause: new Error('inner') }) }, 'failed');
  expect(lines[0]?.err).toMatchObject({
    type: 'TypeError',
    message: 'outer: inner',
    stack: expect.stringContaining('caused by: Error: inner'),
  });
});
