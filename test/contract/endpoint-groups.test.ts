import type { EndpointHealth } from '@sluice/core';
import { defineEndpoint } from '@sluice/core';
import { MemoryEndpoint } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import assignAttributes from '../../plugins/policy-assign-attributes/src/index.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

/** A gateway whose endpoints note what they are given, in `taken`; `down` names those that are not there. */
async function gatewayOver(groups: readonly object[], target?: string) {
  const taken: string[] = [];
  const down = new Set<string>();
  const plugin = defineEndpoint<{ readonly name: string; readonly reads: boolean }, object>({
    kind: 'endpoint',
    id: 'noted',
    qos: ['none', 'balanced', 'at-best'],
    capabilities: ['auto-ack'],
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: { name: { type: 'string' }, reads: { type: 'boolean', default: true } },
    },
    modes: ({ reads }) => (reads ? ['publish', 'subscribe'] : ['subscribe']),
    create({ name }) {
      const endpoint = new MemoryEndpoint();
      const publish = endpoint.publish.bind(endpoint);
      return Object.assign(endpoint, {
        publish: (...given: Parameters<typeof publish>) => {
          taken.push(name);
          return publish(...given);
        },
        health: (): EndpointHealth => ({ status: down.has(name) ? 'down' : 'up' }),
      });
    },
  });
  const attributes = [{ name: 'gravitee.attribute.request.endpoint', value: target }];
  const flows =
    target === undefined
      ? []
      : [{ request: [{ policy: 'policy-assign-attributes', configuration: { attributes } }] }];
  const api = { ...apiDefinition({ id: 'orders' }), endpointGroups: groups, flows };
  const gateway = await startTestGateway({ apis: [api], plugins: [plugin, assignAttributes] });
  const post = async (headers: Record<string, string> = {}) =>
    (await fetch(`${gateway.url}/orders`, { method: 'POST', body: 'x', headers })).status;
  const posts = async (count: number) => {
    for (let n = 0; n < count; n++) await post();
    return taken.splice(0).join('');
  };
  return { ...gateway, taken, down, post, posts };
}
const end = (name: string, rest: object = {}) => ({ name, type: 'noted', configuration: { name }, ...rest });
const group = (name: string, endpoints: readonly object[], rest: object = {}) => ({
  name,
  type: 'noted',
  endpoints,
  ...rest,
});

describe('several endpoints of a group', () => {
  test('take turns, or their share by weight', async () => {
    const even = await gatewayOver([group('g', [end('a'), end('b')])]);
    expect(await even.posts(5)).toBe('ababa');
    const weighted = { loadBalancer: { type: 'WEIGHTED_ROUND_ROBIN' } };
    const uneven = await gatewayOver([group('g', [end('a', { weight: 3 }), end('b')], weighted)]);
    expect(await uneven.posts(8)).toBe('aabaaaba');
  });

  test('one that is down is passed over, and is asked again when it is back', async () => {
    const gateway = await gatewayOver([group('g', [end('a'), end('b')])]);
    gateway.down.add('a');
    expect(await gateway.posts(3)).toBe('bbb');
    gateway.down.delete('a');
    expect(new Set(await gateway.posts(4))).toEqual(new Set(['a', 'b']));
  });

  test('a secondary one is used only while no other is there', async () => {
    const gateway = await gatewayOver([group('g', [end('s', { secondary: true }), end('a'), end('b')])]);
    expect(await gateway.posts(4)).toBe('abab');
    gateway.down.add('a').add('b');
    expect(await gateway.posts(2)).toBe('ss');
    gateway.down.add('s');
    expect(await gateway.posts(1)).toMatch(/[ab]/);
  });

  test('one that cannot do what the entrypoint does is left out', async () => {
    const gateway = await gatewayOver([
      group('g', [end('a', { configuration: { name: 'a', reads: false } }), end('b')]),
    ]);
    expect(await gateway.posts(2)).toBe('bb');
  });

  test('the management API shows each with its health', async () => {
    const gateway = await gatewayOver([group('g', [end('a'), end('b')])]);
    gateway.down.add('b');
    const api = (await (await fetch(`${gateway.adminUrl}/apis/orders`)).json()) as { endpoints: object[] };
    expect(api.endpoints).toEqual([
      { name: 'a', type: 'noted', status: 'up' },
      { name: 'b', type: 'noted', status: 'down' },
    ]);
  });
});

describe('the attribute request.endpoint', () => {
  const groups = [group('g', [end('a')]), group('h', [end('c'), end('d')])];

  test.each([
    ["{#endpoints['c']}", 'cc'],
    ['d:/some/path', 'dd'],
    ['h:', 'cd'],
    ['g', 'aa'],
  ])('%s goes to %s', async (target, expected) => {
    const gateway = await gatewayOver(groups, target);
    expect(gateway.problems).toEqual([]);
    expect(await gateway.posts(2)).toBe(expected);
  });

  test('a name that nothing has is 503; without the attribute the first group serves', async () => {
    const gateway = await gatewayOver(
      groups,
      "{#request.headers['x-to'] != null ? #request.headers['x-to'][0] : null}",
    );
    expect(await gateway.post({ 'x-to': 'nowhere:' })).toBe(503);
    expect(await gateway.post()).toBe(202);
    expect(gateway.taken).toEqual(['a']);
  });
});
