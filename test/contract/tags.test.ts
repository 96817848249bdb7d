import { describe, expect, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

const status = async (url: string) => (await fetch(url, { method: 'POST', body: 'x' })).status;

describe('the setting tags', () => {
  test.each([
    [[], ['eu', 'us', 'none']],
    [['eu'], ['eu']],
    [['!eu'], ['us', 'none']],
    [['us', '!eu'], ['us']],
  ])('%j serves of APIs with other tags and of none: %j', async (tags, served) => {
    const folder = await folderWith({
      'eu.api.json': { ...apiDefinition({ id: 'eu' }), tags: ['eu'] },
      'us.api.json': { ...apiDefinition({ id: 'us' }), tags: ['us'] },
      'none.api.json': apiDefinition({ id: 'none' }),
    });
    const { gateway, log } = await startTestGateway({ folder, tags });
    expect(gateway.apis.map(({ id }) => id).sort()).toEqual([...served].sort());
    const left = log.lines.filter(({ message }) => message.startsWith('the API is not served'));
    expect(left).toHaveLength(3 - served.length);
  });

  test('leaves out plans and flows of other gateways, and none without tags', async () => {
    const step = (value: string) => ({
      policy: 'transform-headers',
      configuration: { addHeaders: [{ name: 'x-flow', value }] },
    });
    const api = {
      ...apiDefinition({ id: 'a' }),
      tags: ['eu'],
      flows: [{ tags: ['us'], response: [step('us')] }],
      plans: [{ id: 'us', tags: ['us'], security: { type: 'key-less' } }],
    };
    const { url } = await startTestGateway({ folder: await folderWith({ 'a.api.json': api }), tags: ['eu'] });
    // No plan is left that takes the request.
    expect(await status(`${url}/a`)).toBe(401);
    const open = { ...api, plans: [] };
    const other = await startTestGateway({
      folder: await folderWith({ 'a.api.json': open }),
      tags: ['eu'],
      plugins: [],
    });
    // The policy is not installed here: a flow that counted would keep the API from being served.
    expect(await status(`${other.url}/a`)).toBe(202);
  });

  test('and the setting tenant leaves out the endpoints of other tenants', async () => {
    const endpoint = { type: 'mock', inheritConfiguration: true };
    const api = {
      ...apiDefinition({ id: 'a' }),
      endpointGroups: [
        { name: 'g', type: 'mock', endpoints: [{ ...endpoint, name: 'us', tenants: ['us'] }] },
      ],
    };
    const folder = await folderWith({ 'a.api.json': api });
    const { url } = await startTestGateway({ folder, tenant: 'eu' });
    expect(await status(`${url}/a`)).toBe(503);
    const other = await startTestGateway({ folder, tenant: 'us' });
    expect(await status(`${other.url}/a`)).toBe(202);
  });
});
