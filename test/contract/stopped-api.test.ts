import { expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

test('an API whose state is STOPPED is checked and not served; its path is free for another', async () => {
  const stopped = { ...apiDefinition({ id: 'old', path: '/orders' }), state: 'STOPPED' };
  const next = { ...apiDefinition({ id: 'new', path: '/orders' }), state: 'STARTED' };
  const broken = { ...apiDefinition({ id: 'broken', endpoint: 'nothing' }), state: 'STOPPED' };
  const { gateway, url, log, problems } = await startTestGateway({ apis: [stopped, next, broken] });
  expect(gateway.apis.map(({ id }) => id)).toEqual(['new']);
  expect((await fetch(`${url}/orders`, { method: 'POST', body: 'x' })).status).toBe(202);
  expect(log.lines).toContainEqual({
    level: 'info',
    message: 'the API is not served: its state is STOPPED',
    members: { api: 'old', reason: 'its state is STOPPED' },
  });
  expect(problems.map(({ path }) => path)).toEqual(['$.endpointGroups[0].endpoints[0].type']);
});
