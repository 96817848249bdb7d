import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTopic } from '../support/kafka/admin.js';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { webhookSink } from '../support/webhook-sink.js';
import { earliestPushApi } from './support/earliest-push-api.js';
import { eventually } from './support/faulty-callbacks.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { numbered, testProducer, uniqueTopic } from './support/numbered-records.js';

const PARTITIONS = 4;
const ROUND = 400;
const PATIENCE_MS = 60_000;

onRealKafka('one webhook subscription on two gateways', (bootstrapServers) => {
  it('is shared by partition, and loses nothing when one of them is killed', async () => {
    const topic = uniqueTopic('shared');
    await createTopic(bootstrapServers, topic, { partitions: PARTITIONS });
    const folder = await mkdtemp(join(tmpdir(), 'sluice-shared-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const sink = await webhookSink();
    const api = earliestPushApi({ id: topic, qos: 'at-least-once', bootstrapServers, topic, concurrent: 2 });
    await writeFile(join(folder, 'a.api.json'), JSON.stringify(api));
    const declared = {
      api: topic,
      id: topic,
      configuration: {
        entrypointId: 'webhook',
        entrypointConfiguration: {
          callbackUrl: sink.url,
          // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of definition files.
          headers: [{ name: 'x-from', value: '${env:GATEWAY_NAME}' }],
        },
      },
    };
    await writeFile(join(folder, 'a.subscription.json'), JSON.stringify(declared));
    const start = (name: string) =>
      startGatewayProcess({
        folder,
        args: ['--strict'],
        env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.0/8', GATEWAY_NAME: name },
      });
    const [first] = await Promise.all([start('first'), start('second')]);
    const producer = await testProducer(bootstrapServers);
    let written = 0;
    const write = async () => {
      await producer.write(topic, numbered(written, written + ROUND, PARTITIONS));
      written += ROUND;
    };
    const got = () => sink.calls.map(({ body }) => Number(body.toString()));
    const names = (from: number) => new Set(sink.calls.slice(from).map(({ headers }) => headers['x-from']));
    const state = () => ({ got: new Set(got()).size, written });
    // Until the group has settled one of them may have everything.
    await eventually(
      async () => {
        const before = sink.calls.length;
        await write();
        await eventually(() => new Set(got()).size === written, PATIENCE_MS, state);
        return names(before).size === 2;
      },
      PATIENCE_MS,
      state,
    );
    const before = sink.calls.length;
    await write();
    await eventually(() => sink.calls.length > before + ROUND / 4, PATIENCE_MS, state);
    await first.kill();
    await write();
    await eventually(() => new Set(got()).size === written, PATIENCE_MS, state);
    await producer.close();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const own = [...new Set(got())].filter((number) => number % PARTITIONS === partition);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  }, 240_000);
});
