import { expect, it } from 'vitest';
import { attributesOf, collector } from '../support/collector.js';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { openEventLog } from './support/event-log.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { testProducer, uniqueTopic } from './support/numbered-records.js';
import { readOne } from './support/read-one.js';

const TRACE_ID = 'c'.repeat(32);
const TRACEPARENT = `00-${TRACE_ID}-${'d'.repeat(16)}-01`;

onRealKafka('traces through records, on real Kafka', (bootstrapServers) => {
  const made = async (name: string) => {
    const topic = uniqueTopic(name);
    await createTopic(bootstrapServers, topic, { partitions: 1 });
    return topic;
  };
  const traced = (url: string) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });

  it('a record carries the span of its sending, and whoever reads it is linked to that', async () => {
    const topic = await made('traced');
    const sink = await collector();
    const api = earliestApi({
      bootstrapServers,
      topic,
      id: 'traced',
      post: { requestHeadersToMessage: true },
      producer: { headers: { allow: ['x-kept'] } },
    });
    const gateway = await startGatewayProcess({ apis: [api], env: traced(sink.url), args: ['--strict'] });
    const headers = { traceparent: TRACEPARENT, tracestate: 'vendor=1', 'x-kept': 'yes' };
    expect((await fetch(`${gateway.url}/traced`, { method: 'POST', body: 'four', headers })).status).toBe(
      202,
    );
    const named = (name: string) => sink.spans().find((span) => span.name === name);
    await expect.poll(() => named(`send ${topic}`), { timeout: 10_000 }).toBeDefined();
    const send = named(`send ${topic}`);
    expect(send?.traceId).toBe(TRACE_ID);
    expect(attributesOf(send ?? { attributes: [] })).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': '0',
    });
    const record = await readOne(bootstrapServers, topic, 0);
    expect(record.headers).toEqual([
      ['x-kept', 'yes'],
      ['traceparent', `00-${TRACE_ID}-${send?.spanId}-01`],
      ['tracestate', 'vendor=1'],
    ]);
    const stream = openEventLog(`${gateway.url}/traced`);
    await stream.until((events) => events.length === 1, 30_000);
    stream.close();
    await expect.poll(() => named(`process ${topic}`), { timeout: 10_000 }).toBeDefined();
    expect(named(`process ${topic}`)?.links).toEqual([
      expect.objectContaining({ spanId: named('GET /traced/')?.spanId }),
      expect.objectContaining({ traceId: TRACE_ID, spanId: send?.spanId }),
    ]);
    expect(await gateway.stop()).toBe(0);
  });

  it('of a large batch 32 senders are linked', async () => {
    const topic = await made('linked');
    const sink = await collector();
    const api = earliestApi({ bootstrapServers, topic, id: 'linked' });
    const gateway = await startGatewayProcess({ apis: [api], env: traced(sink.url), args: ['--strict'] });
    const producer = await testProducer(bootstrapServers);
    const record = { value: Buffer.from('x'), headers: [{ traceparent: Buffer.from(TRACEPARENT) }] };
    await producer.write(topic, new Array(200).fill(record));
    const stream = openEventLog(`${gateway.url}/linked`);
    await stream.until((events) => events.length === 200, 30_000);
    stream.close();
    const links = () =>
      sink
        .spans()
        .filter(({ name }) => name === `process ${topic}`)
        .map((span) => span.links?.length ?? 0);
    await expect.poll(() => Math.max(0, ...links()), { timeout: 10_000 }).toBe(33);
    await producer.close();
    expect(await gateway.stop()).toBe(0);
  });

  it('without tracing a trace of the client passes as any header does', async () => {
    const topic = await made('untraced');
    const api = earliestApi({
      bootstrapServers,
      topic,
      id: 'untraced',
      post: { requestHeadersToMessage: true },
      producer: { headers: { allow: ['trace*'] } },
    });
    const gateway = await startGatewayProcess({ apis: [api], args: ['--strict'] });
    const headers = { traceparent: TRACEPARENT, tracestate: 'vendor=1' };
    expect((await fetch(`${gateway.url}/untraced`, { method: 'POST', body: 'x', headers })).status).toBe(202);
    const record = await readOne(bootstrapServers, topic, 0);
    expect(record.headers).toEqual([
      ['traceparent', TRACEPARENT],
      ['tracestate', 'vendor=1'],
    ]);
    expect(await gateway.stop()).toBe(0);
  });
});
