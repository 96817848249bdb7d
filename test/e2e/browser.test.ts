import { until } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import { cutProxy } from '../support/cut-proxy.js';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { browserPage, hasBrowser } from './support/browser.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';

const RECORDS = 300;

onRealKafka('a browser on real Kafka', (bootstrapServers) => {
  const inBrowser = it.skipIf(!hasBrowser());

  inBrowser(
    'EventSource misses nothing and sees nothing twice though it is cut; WebSocket both ways (skipped without chromium)',
    async () => {
      const topic = uniqueTopic('browser');
      await createTopic(bootstrapServers, topic, { partitions: 1 });
      const page = await browserPage();
      const definition = earliestApi({
        bootstrapServers,
        topic,
        qos: 'none',
        ws: { allowedOrigins: [page.origin] },
      }) as {
        readonly listeners: readonly object[];
      };
      const cors = {
        enabled: true,
        allowOrigin: [page.origin],
        allowMethods: ['POST', 'GET'],
        allowHeaders: ['content-type'],
      };
      const listeners = definition.listeners.map((listener) => ({ ...listener, cors }));
      const gateway = await startGatewayProcess({ apis: [{ ...definition, listeners }], args: ['--strict'] });
      const proxy = await cutProxy(gateway.port, [4000, 9000, 3000]);
      const producer = await testProducer(bootstrapServers);

      await page.open(`
      const source = new EventSource('${proxy.url}/events');
      source.onmessage = ({ data, lastEventId }) => tell({ event: data, id: lastEventId });
      const socket = new WebSocket('ws://127.0.0.1:${gateway.port}/events', 'sluice.json.v1');
      socket.onopen = () => socket.send(JSON.stringify({ type: 'publish', id: 'p', content: 'from the browser' }));
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.type === 'receipt' || frame.content === 'from the browser') tell({ frame });
      };
      const answer = await fetch('http://127.0.0.1:${gateway.port}/events', {
        method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'posted',
      });
      tell({ status: answer.status });
    `);
      const events = () =>
        page.told.flatMap((one) => ('event' in (one as object) ? [(one as { event: string }).event] : []));
      const of = (name: string) => page.told.filter((one) => name in (one as object));
      await until(
        () => of('status').length === 1 && of('frame').length === 2 && events().length === 2,
        30_000,
        'the page',
      );
      expect(of('status')).toEqual([{ status: 202 }]);
      await producer.write(topic, numbered(0, RECORDS, 1));
      await until(() => events().length >= 2 + RECORDS, 30_000, 'all records');
      expect(proxy.connections()).toBeGreaterThan(3);
      await producer.close();
      expect(events().slice(2)).toEqual(Array.from({ length: RECORDS }, (_, n) => String(n)));
      expect(of('failed')).toEqual([]);
      expect(await gateway.stop()).toBe(0);
    },
  );
});
