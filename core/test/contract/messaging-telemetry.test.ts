import { fakeContext, MemoryEndpoint, numberedMessages, recordingLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import type { Subscription } from '../../src/contract/delivery.js';
import { newMessage } from '../../src/contract/message.js';
import { MessagingTelemetry } from '../../src/contract/messaging/messaging-telemetry.js';
import { type SpanOptions, traceContext } from '../../src/contract/tracing.js';
import { wrapSubscription } from '../../src/contract/wrap-subscription.js';
import { MetricRegistry } from '../../src/telemetry/registry.js';

const PARENT = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
const OTHER = { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` };

/** Tracing that keeps what was begun, and how it ended. */
function recordingTracing() {
  const begun: { name: string; options: SpanOptions; ended: number }[] = [];
  return {
    begun,
    begin(name: string, options: SpanOptions) {
      const span = { name, options, ended: 0 };
      begun.push(span);
      return { context: OTHER, end: () => void span.ended++ };
    },
  };
}

const traced = (content: string) =>
  newMessage(Buffer.from(content), [['traceparent', Buffer.from(PARENT.traceparent)]], 0);

test('what a request publishes is a part of its trace; a message that is passed on, of its own', () => {
  const tracing = recordingTracing();
  const messaging = new MessagingTelemetry({ tracing }, 'kafka');
  messaging.sending(fakeContext({ trace: OTHER }), ['a'], [traced('x')]);
  messaging.sending(fakeContext(), ['a', 'b'], [traced('x')]);
  messaging.sending(fakeContext(), ['a'], [traced('x'), traced('y')]);
  expect(tracing.begun.map(({ name, options: { parent } }) => [name, parent])).toEqual([
    ['send a', OTHER],
    ['send a,b', PARENT],
    ['send a', undefined],
  ]);
});

test('with neither metrics nor tracing a subscription is left as it is', async () => {
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(1) });
  const ctx = fakeContext();
  const inner = await endpoint.subscribe(ctx, { qos: 'none', maxInFlight: 1 });
  const options = { topics: ['a'], topicOf: () => 'a' };
  expect(new MessagingTelemetry(undefined, 'kafka').reading(inner, ctx, options)).toEqual({});
  expect(new MessagingTelemetry({}, 'kafka').topic('a')).toBeUndefined();
});

/** A subscription over batches that may be an error, told to `tracing` and `metrics`. */
async function told(batches: readonly (number | Error)[]) {
  const tracing = recordingTracing();
  const metrics = new MetricRegistry(recordingLogger());
  const messaging = new MessagingTelemetry({ metrics, tracing }, 'kafka');
  const ctx = fakeContext();
  const endpoint = new MemoryEndpoint({ messages: numberedMessages(1) });
  const empty = await endpoint.subscribe(ctx, { qos: 'none', maxInFlight: 1 });
  const source = wrapSubscription(empty, {
    async *[Symbol.asyncIterator]() {
      for (const batch of batches) {
        if (batch instanceof Error) throw batch;
        yield numberedMessages(batch).map((message) => ({
          message: { ...message, id: 'a@0#7' },
          cursor: null,
          ack: () => {},
          nack: () => {},
        }));
      }
    },
  });
  const options = { topics: ['a'], topicOf: () => 'a', group: 'readers' };
  const subscription: Subscription = wrapSubscription(source, messaging.reading(source, ctx, options));
  const count = async (name: string) => {
    const found = (await metrics.collect()).find(({ spec }) => spec.name === name);
    return found?.kind === 'histogram' ? found.lines.reduce((all, line) => all + line.count, 0) : 0;
  };
  return { subscription, tracing, count };
}

test('a batch is processed until the next is asked for, or the reading ends', async () => {
  const { subscription, tracing, count } = await told([3, 1]);
  const ended: number[][] = [];
  for await (const _ of subscription) ended.push(tracing.begun.map((span) => span.ended));
  expect(ended).toEqual([[0], [1, 0]]);
  expect(tracing.begun.map((span) => span.ended)).toEqual([1, 1]);
  const common = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'a',
    'messaging.consumer.group.name': 'readers',
  };
  expect(tracing.begun.map(({ options }) => options.attributes)).toEqual([
    { ...common, 'messaging.batch.message_count': 3 },
    { ...common, 'messaging.message.id': 'a@0#7' },
  ]);
  expect(await count('messaging.read.body.size')).toBe(4);
  expect(await count('messaging.process.duration')).toBe(2);
});

test('who leaves in the middle of a batch ends its span', async () => {
  const { subscription, tracing, count } = await told([3, 2]);
  for await (const _ of subscription) break;
  expect(tracing.begun.map((span) => span.ended)).toEqual([1]);
  expect(await count('messaging.process.duration')).toBe(1);
});

test('an error of the reading comes through, and is told', async () => {
  const error = new Error('gone');
  const { subscription, count } = await told([1, error]);
  const reading = async () => {
    for await (const _ of subscription);
  };
  await expect(reading()).rejects.toBe(error);
  expect(await count('messaging.read.failure.count')).toBe(1);
  expect(await count('messaging.read.body.duration')).toBe(1);
});

test.each([
  [PARENT.traceparent, undefined, PARENT],
  [PARENT.traceparent, 'a=1', { ...PARENT, tracestate: 'a=1' }],
  [PARENT.traceparent, 'x'.repeat(513), PARENT],
  [
    `01${PARENT.traceparent.slice(2)}-more`,
    undefined,
    { traceparent: `01${PARENT.traceparent.slice(2)}-more` },
  ],
  [`ff${PARENT.traceparent.slice(2)}`, undefined, undefined],
  [PARENT.traceparent.toUpperCase(), undefined, undefined],
  [`00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, undefined, undefined],
  [`00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`, undefined, undefined],
  ['nonsense', 'a=1', undefined],
  [undefined, 'a=1', undefined],
])('the trace context of %s, %s', (traceparent, tracestate, expected) => {
  expect(traceContext(traceparent, tracestate)).toEqual(expected);
});
