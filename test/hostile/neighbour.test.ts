import { MemoryEndpoint } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { expectUnharmed, startNeighbour } from './neighbour.js';

test('a neighbour of nobody notices nothing; one whose gateway ends tells so', async () => {
  const endpoint = new MemoryEndpoint();
  let calls = 0;
  const store = endpoint.publish.bind(endpoint);
  endpoint.publish = (ctx, messages) => {
    calls++;
    return store(ctx, messages);
  };
  const gateway = await startTestGateway({
    apis: [apiDefinition({ endpoint: 'test', qos: 'none' })],
    plugins: [endpointPlugin(endpoint)],
  });
  const url = `${gateway.url}/test`;
  const alone = await startNeighbour(url, { everyMs: 5 });
  await expect.poll(() => calls).toBeGreaterThan(80);
  const report = await alone.report();
  expectUnharmed(report);
  expect(report.sent).toBeGreaterThan(80);
  expect(report.p50).toBeLessThanOrEqual(report.p99);
  const left = await startNeighbour(url, { localAddress: '127.0.0.2', everyMs: 5 });
  await gateway.stop();
  expect((await left.report(1000)).ends).toContain('the stream was cut');
});
