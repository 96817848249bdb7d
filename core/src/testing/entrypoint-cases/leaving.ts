import assert from 'node:assert/strict';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import { type EntrypointHarness, settlingLevelsOf } from '../entrypoint-harness.js';
import { faultyEndpoint } from '../faulty-endpoint.js';
import { numberedMessages } from '../messages.js';
import { RecordingSink } from '../recording-sink.js';
import { pause, until } from '../wait.js';
import { type ServeOptions, serveStream } from './serve.js';

/** How a stream ends, and what counts as received. */
export function leavingCases(harness: EntrypointHarness): readonly ConformanceCase[] {
  const { plugin } = harness;
  const unless = !plugin.modes.includes('subscribe') && 'it does not subscribe';
  const qos = plugin.qos[0] ?? 'none';
  const patienceMs = harness.patienceMs ?? 5000;
  const ends = async (options: Partial<ServeOptions>, end: (sink: RecordingSink) => void) => {
    const sink = options.sink ?? new RecordingSink();
    const over = sink.closed.aborted || options.stopping?.aborted === true;
    // Where it is over before it begins no message comes to wake the stream up.
    const endpoint = faultyEndpoint(numberedMessages(over ? 0 : 3));
    const stream = await serveStream(harness, endpoint, { qos, ...options, sink });
    if (!over) await stream.arrived(3);
    end(sink);
    await stream.ended();
    assert.equal(endpoint.openSubscriptions, 0, 'the subscription is closed');
    assert.equal(endpoint.subscribes.length, 1, 'one subscription was opened');
  };
  return [
    caseUnless(unless, 'a client that leaves while nothing comes ends its subscription', () =>
      ends({}, (sink) => sink.leave()),
    ),
    caseUnless(
      unless,
      'a client that has gone before the stream begins leaves no subscription behind',
      () => {
        const sink = new RecordingSink();
        sink.leave();
        return ends({ sink }, () => undefined);
      },
    ),
    caseUnless(unless, 'a client that leaves while it takes nothing ends its subscription', async () => {
      const endpoint = faultyEndpoint(numberedMessages(500));
      const sink = new RecordingSink();
      sink.hold();
      const stream = await serveStream(harness, endpoint, { qos, sink });
      await until(() => endpoint.deliveries.delivered > 0, patienceMs, 'the first batch');
      sink.leave();
      await stream.ended();
      assert.equal(endpoint.openSubscriptions, 0);
    }),
    caseUnless(unless, 'a gateway that stops ends the stream and its subscription', () => {
      const stopping = new AbortController();
      return ends({ stopping: stopping.signal }, () => stopping.abort());
    }),
    caseUnless(unless, 'a gateway that is already stopping ends the stream at once', () =>
      ends({ stopping: AbortSignal.abort() }, () => undefined),
    ),
    ...settlingLevelsOf(harness).map((level) =>
      caseUnless(
        unless,
        `${level}: nothing is acknowledged before the client has taken it, then all is`,
        async () => {
          const endpoint = faultyEndpoint(numberedMessages(10));
          const sink = new RecordingSink();
          sink.hold();
          const stream = await serveStream(harness, endpoint, { qos: level, sink });
          await stream.arrived(10);
          await pause(20);
          assert.deepEqual(endpoint.deliveries.acked, []);
          sink.release();
          await until(() => endpoint.deliveries.acked.length === 10, patienceMs, 'the acknowledgements');
          sink.leave();
          await stream.ended();
        },
      ),
    ),
    ...settlingLevelsOf(harness).map((level) =>
      caseUnless(unless, `${level}: what a client never took is never acknowledged`, async () => {
        const endpoint = faultyEndpoint(numberedMessages(10));
        const sink = new RecordingSink();
        sink.hold();
        const stream = await serveStream(harness, endpoint, { qos: level, sink });
        await stream.arrived(10);
        sink.leave();
        await stream.ended();
        assert.deepEqual(endpoint.deliveries.acked, []);
      }),
    ),
  ];
}
