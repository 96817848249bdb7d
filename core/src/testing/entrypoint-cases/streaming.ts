import assert from 'node:assert/strict';
import { SluiceError } from '../../contract/errors.js';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import type { EntrypointHarness } from '../entrypoint-harness.js';
import { faultyEndpoint } from '../faulty-endpoint.js';
import { MemoryEndpoint } from '../memory-endpoint.js';
import { numberedMessages } from '../messages.js';
import { range } from '../reader.js';
import { RecordingSink } from '../recording-sink.js';
import { pause, until } from '../wait.js';
import { handle, type ServedStream, serveStream } from './serve.js';

const MANY = 3000;

/** What an entrypoint that subscribes writes to its client. */
export function streamingCases(harness: EntrypointHarness): readonly ConformanceCase[] {
  const { plugin } = harness;
  const unless = !plugin.modes.includes('subscribe') && 'it does not subscribe';
  const qos = plugin.qos[0] ?? 'none';
  return [
    ...plugin.qos.map((level) =>
      caseUnless(unless, `${level}: every message reaches the client once, in order`, async () => {
        const stream = await serveStream(harness, faultyEndpoint(numberedMessages(50)), { qos: level });
        await stream.arrived(50);
        assert.deepEqual(contents(stream), range(0, 50));
        stream.sink.leave();
        await stream.ended();
      }),
    ),
    caseUnless(
      unless,
      'a client that takes nothing stops the pulling; it misses nothing when it goes on',
      async () => {
        const endpoint = faultyEndpoint(numberedMessages(MANY));
        const sink = new RecordingSink();
        sink.hold();
        const stream = await serveStream(harness, endpoint, { qos, sink });
        await until(() => endpoint.deliveries.delivered > 0, harness.patienceMs ?? 5000, 'the first batch');
        await pause(30);
        const { delivered } = endpoint.deliveries;
        assert.ok(
          delivered < MANY / 10,
          `${delivered} of ${MANY} messages were pulled for a client that reads none`,
        );
        sink.release();
        const all = Math.min(MANY, harness.pageSize ?? MANY);
        await stream.arrived(all);
        assert.deepEqual(contents(stream), range(0, all));
        sink.leave();
        await stream.ended();
      },
    ),
    caseUnless(
      unless,
      'a subscription that is refused is answered with its error, not with a stream',
      async () => {
        const error = new SluiceError('TOO_MANY_CONSUMERS');
        const endpoint = faultyEndpoint([], { refuseSubscribe: () => error });
        await assert.rejects(handle(harness, endpoint, { qos }), error);
      },
    ),
    caseUnless(unless, 'a subscription that breaks ends the stream after what came before', async () => {
      const breakSubscription = { after: 7, error: new SluiceError('SUBSCRIBE_FAILED') };
      const endpoint = faultyEndpoint(numberedMessages(20), { breakSubscription });
      const stream = await serveStream(harness, endpoint, { qos });
      await stream.ended();
      assert.deepEqual(contents(stream), range(0, 7));
      assert.equal(endpoint.openSubscriptions, 0);
    }),
    caseUnless(
      unless || (!plugin.carriesCursor && 'its protocol carries no cursor'),
      'a client that is cut and comes back with its last cursor misses nothing and sees nothing twice',
      async () => {
        const endpoint = faultyEndpoint(
          new MemoryEndpoint({ messages: numberedMessages(60), partitions: 3 }),
        );
        const level = plugin.qos.includes('none') ? 'none' : qos;
        const sink = new RecordingSink();
        sink.hold();
        const first = await serveStream(harness, endpoint, { qos: level, sink });
        await first.arrived(5);
        assert.ok(first.seen().length < 60, 'the client is cut before the end');
        first.sink.leave();
        await first.ended();
        const cursor = first.seen().at(-1)?.cursor ?? assert.fail('the client was given no cursor');
        const second = await serveStream(harness, endpoint, { qos: level, cursor });
        await second.arrived(60 - first.seen().length);
        const numbers = [...contents(first), ...contents(second)];
        assert.deepEqual(
          numbers.sort((a, b) => a - b),
          range(0, 60),
        );
        second.sink.leave();
        await second.ended();
      },
    ),
  ];
}

function contents(stream: ServedStream): number[] {
  return stream.seen().map(({ content }) => Number(content));
}
