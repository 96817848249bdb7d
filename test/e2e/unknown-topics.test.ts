import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { startKafka } from '../support/kafka/broker.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';
import { untilTrue } from './support/until-true.js';

onRealKafka(
  'topics that cannot be published to',
  (bootstrapServers) => {
    /** Status and key of the answer to a POST, and whether it took longer than a few seconds. */
    const postTo = async (url: string) => {
      const begun = performance.now();
      const answer = await fetch(url, { method: 'POST', body: 'x', headers: { accept: 'application/json' } });
      const text = await answer.text();
      const key = text === '' ? undefined : (JSON.parse(text) as { key: string }).key;
      return { status: answer.status, key, isQuick: performance.now() - begun < 7000 };
    };
    const REFUSED = { status: 502, key: 'PUBLISH_REFUSED', isQuick: true };

    it('one whose name differs from another by . and _ only is refused', async () => {
      const dotted = `${uniqueTopic('refused')}.a`;
      const unders = dotted.replace('.a', '_a');
      const producer = { deliveryTimeoutMs: 1000 };
      const gateway = await startGatewayProcess({
        apis: [
          earliestApi({ bootstrapServers, topic: dotted, id: 'dots' }),
          earliestApi({ bootstrapServers, topic: unders, id: 'unders' }),
          earliestApi({ bootstrapServers, topic: unders, id: 'impatient', producer }),
        ],
      });
      expect((await postTo(`${gateway.url}/dots`)).status).toBe(202);
      expect(await postTo(`${gateway.url}/unders`)).toEqual(REFUSED);
      expect(await postTo(`${gateway.url}/unders`)).toEqual(REFUSED);
      expect(await postTo(`${gateway.url}/impatient`)).toEqual(REFUSED);
      expect(await gateway.stop()).toBe(0);
    });

    it('one that is not there, where the broker makes none, is refused until it is', async () => {
      const broker = await startKafka({ properties: { 'auto.create.topics.enable': 'false' } });
      const topic = uniqueTopic('later');
      const gateway = await startGatewayProcess({
        apis: [earliestApi({ bootstrapServers: broker.bootstrapServers, topic, id: 'later' })],
      });
      expect(await postTo(`${gateway.url}/later`)).toEqual(REFUSED);
      await createTopic(broker.bootstrapServers, topic, { partitions: 1 });
      const isThere = async () => (await postTo(`${gateway.url}/later`)).status === 202;
      await untilTrue(isThere, { timeoutMs: 10_000 });
      expect(await gateway.stop()).toBe(0);
      await broker.stop();
    });
  },
  { java: true },
);
