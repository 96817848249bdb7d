import { expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { sseClient } from '../support/sse-client.js';

/**
 * The mock endpoint counted deliveries that nobody settles at `none` against maxInFlight, so a stream of that
 * level fell silent for good after 1000 messages. Does not catch the same fault in another endpoint: the
 * conformance suite does.
 */
test('a stream at none goes on past maxInFlight', async () => {
  const api = apiDefinition({ qos: 'none', sse: { maxInFlight: 10 }, configuration: { messageInterval: 0 } });
  const { url } = await startTestGateway({ apis: [api] });
  const client = await sseClient(`${url}/test`);
  expect((await client.events(500)).length).toBeGreaterThanOrEqual(500);
  client.leave();
});
