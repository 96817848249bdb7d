import { MemoryEndpoint } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { admin, pushApi, subscription } from '../support/push-api.js';

test('an API whose state is STOPPED is checked and not served; its path is free for another', async () => {
  const stopped = { ...apiDefinition({ id: 'old', path: '/orders' }), state: 'STOPPED' };
  const next = { ...apiDefinition({ id: 'new', path: '/orders' }), state: 'STARTED' };
  const broken = { ...apiDefinition({ id: 'broken', endpoint: 'nothing' }), state: 'STOPPED' };
  const folder = await folderWith({ '1.api.json': stopped, '2.api.json': next, '3.api.json': broken });
  const { gateway, url, log } = await startTestGateway({ folder });
  expect(gateway.apis.map(({ id }) => id)).toEqual(['new']);
  expect((await fetch(`${url}/orders`, { method: 'POST', body: 'x' })).status).toBe(202);
  expect(log.lines).toContainEqual({
    level: 'info',
    message: 'the API is not served: its state is STOPPED',
    members: { api: 'old', reason: 'its state is STOPPED' },
  });
  const problems = log.lines.filter(({ members }) => 'severity' in members);
  expect(problems.map(({ members }) => members.path)).toEqual(['$.endpointGroups[0].endpoints[0].type']);
});

test('a subscription that a file declares to it is checked, and does not run', async () => {
  const folder = await folderWith({
    'push.api.json': { ...pushApi(), state: 'STOPPED' },
    'good.subscription.json': { ...subscription('https://example.com'), api: 'push' },
    'wrong.subscription.json': { ...subscription('ftp://example.com'), api: 'push' },
  });
  const gateway = await startTestGateway({
    folder,
    plugins: [webhook, endpointPlugin(new MemoryEndpoint())],
  });
  const told = gateway.log.lines.filter(({ members }) => 'severity' in members);
  expect(told.map(({ level, message }) => [level, message])).toEqual([
    [
      'warn',
      expect.stringMatching(
        /good\.subscription\.json.*the API "push" is not served \(its state is STOPPED\)/,
      ),
    ],
    ['error', expect.stringMatching(/wrong\.subscription\.json.*callbackUrl/)],
  ]);
  expect((await admin(gateway, 'GET', '/apis/push/subscriptions')).status).toBe(404);
});
