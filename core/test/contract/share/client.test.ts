import { expect, test } from 'vitest';
import { addressBlock, clientOf } from '../../../src/contract/share/client.js';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['', ''],
])('%s is of %s', (address, block) => expect(addressBlock(address)).toBe(block));

const from = (remoteAddress: string) => ({ remoteAddress });

test('a key-less client is its address, through whatever plan and API', () => {
  const client = (api: string, planId?: string) =>
    clientOf(api, from('192.0.2.1'), { id: '192.0.2.1', ...(planId === undefined ? {} : { planId }) });
  expect(new Set([client('a'), client('b'), client('a', 'open')])).toEqual(new Set(['192.0.2.1']));
});

test('a client with a credential is the same from every address, and another by each plan and API', () => {
  const client = (address: string, api: string, planId: string, id: string) =>
    clientOf(api, from(address), { id, planId });
  expect(client('192.0.2.1', 'a', 'p', 'k')).toBe(client('192.0.2.2', 'a', 'p', 'k'));
  const others = [
    ['a', 'p', 'k'] as const,
    ['b', 'p', 'k'] as const,
    ['a', 'q', 'k'] as const,
    ['a', 'p', 'l'] as const,
  ];
  expect(new Set(others.map(([api, plan, id]) => client('192.0.2.1', api, plan, id))).size).toBe(4);
});
