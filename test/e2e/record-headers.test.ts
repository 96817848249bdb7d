import { request } from 'node:http';
import { expect, it } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { sseClient } from '../support/sse-client.js';
import { wsClient } from '../support/ws-client.js';
import { earliestApi } from './support/earliest-api.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { uniqueTopic } from './support/numbered-records.js';
import { readOne } from './support/read-one.js';

/** A POST with headers in the spelling given; `fetch` has them all in lower case. */
function post(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject).end('x');
  });
}

onRealKafka('headers of requests on records', (bootstrapServers) => {
  it('keep their spelling, and one named __proto__ reaches every reader', async () => {
    const topic = uniqueTopic('headers');
    await createTopic(bootstrapServers, topic, { partitions: 1 });
    const gateway = await startGatewayProcess({
      apis: [
        earliestApi({
          bootstrapServers,
          topic,
          post: { requestHeadersToMessage: true },
          get: { headersInPayload: true },
          sse: { headersAsComment: true },
        }),
      ],
    });
    const url = `${gateway.url}/events`;
    const page = `${url}?limit=1`;
    // Set as an own member: assigned, it would not be one.
    const headers = JSON.parse('{"X-Tenant-ID":"acme","__proto__":"proto"}') as Record<string, string>;
    expect(await post(url, headers)).toBe(202);

    const record = await readOne(bootstrapServers, topic, 0);
    expect(record.headers).toContainEqual(['X-Tenant-ID', 'acme']);
    const json = await (await fetch(page, { headers: { accept: 'application/json' } })).text();
    expect(json).toContain('"X-Tenant-ID":["acme"]');
    expect(json).toContain('"__proto__":["proto"]');
    const xml = await (await fetch(page, { headers: { accept: 'application/xml' } })).text();
    expect(xml).toContain('<__proto__>proto</__proto__>');
    const text = await (await fetch(page, { headers: { accept: 'text/plain' } })).text();
    expect(text).toContain('__proto__=[proto]');
    const alone = await fetch(url, { headers: { accept: 'application/octet-stream' } });
    expect(alone.headers.get('x-message-header-__proto__')).toBe('proto');
    const stream = await sseClient(url);
    await stream.events(1);
    expect(stream.text()).toContain(':__proto__: proto\n');
    const socket = await wsClient(url, { protocol: 'sluice.json.v1' });
    await socket.arrived(1, 10_000);
    expect(String(socket.frames[0]?.data)).toContain('"__proto__":["proto"]');
    expect(await gateway.stop()).toBe(0);
  });
});
