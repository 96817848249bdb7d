import { expect, it } from 'vitest';
import { earliestApi } from '../../e2e/support/earliest-api.js';
import { startGatewayProcess } from '../../e2e/support/gateway-process.js';
import { uniqueTopic } from '../../e2e/support/numbered-records.js';
import { createTopic } from '../../support/kafka/admin.js';
import { onRealKafka } from '../../support/kafka/on-real-kafka.js';
import { scrape } from '../../support/prometheus.js';
import { expectUnharmed, startNeighbour } from '../neighbour.js';

onRealKafka('a client that invents topics where the API lets it choose', (bootstrapServers) => {
  it('fills its share of configurations and of labels, and nobody else notices', async () => {
    const topic = uniqueTopic('chosen');
    await createTopic(bootstrapServers, topic);
    const chosen = ["{#request.headers['x-topic'][0]}"];
    const options = {
      producer: { topics: chosen },
      consumer: { topics: chosen },
      shared: { allowedTopics: ['chosen-*'] },
    };
    const gateway = await startGatewayProcess({
      apis: [earliestApi({ bootstrapServers, topic, ...options })],
    });
    const url = `${gateway.url}/events`;
    const neighbour = await startNeighbour(url, { localAddress: '127.0.0.2', headers: { 'x-topic': topic } });
    // A topic that is not there is waited for: so long each has a configuration of its own.
    const attack = await Promise.all(
      Array.from({ length: 150 }, async (_, n) => {
        const headers = { 'x-topic': uniqueTopic(`chosen-${n}`), accept: 'application/json' };
        const answer = await fetch(url, { method: 'POST', body: 'x', headers });
        return { status: answer.status, text: await answer.text() };
      }),
    );
    const refused = attack.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.text).toContain(
      'This client has 100 configurations of an endpoint, which is its share',
    );
    expectUnharmed(await neighbour.report());
    const metrics = await scrape(gateway.adminUrl);
    const sent = metrics
      .get('messaging_client_sent_messages_total')
      ?.samples.get('messaging_client_sent_messages_total');
    const topics = new Set(sent?.map(({ labels }) => labels.messaging_destination_name));
    expect(topics).toContain(topic);
    expect(topics.size).toBeLessThanOrEqual(52);
    expect(topics).toContain('_other');
    expect(await gateway.stop()).toBe(0);
  });
});
