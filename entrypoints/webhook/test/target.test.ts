import { expect, test } from 'vitest';
import { type Lookup, resolveTarget } from '../src/resolver.js';
import { TargetRefused, Targets } from '../src/target.js';

const CLOSED = new Targets([]);

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:20::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  'fc00::1',
  'fd00::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '[::1]',
  'not-an-address',
])('%s is refused', (address) => {
  expect(() => CLOSED.check(address)).toThrow(TargetRefused);
});

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '172.32.0.1',
  '192.0.1.1',
  '2606:4700::1111',
  '[2a00:1450::1]',
])('%s is public', (address) => {
  expect(() => CLOSED.check(address)).not.toThrow();
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['10.0.0.0/8', '10.200.0.1'],
  ['fd00::/8', 'fd12::1'],
  ['::1', '::1'],
  ['127.0.0.0/8', '::ffff:127.0.0.1'],
])('%s opens %s', (entry, address) => {
  expect(() => new Targets([entry]).check(address)).not.toThrow();
  expect(() => new Targets([entry]).check('192.168.0.1')).toThrow(TargetRefused);
});

test.each(['10.0.0.0/33', 'a b', '10.0.0/8', 'http://x', '::1/129', ''])(
  'the entry %j is refused',
  (entry) => {
    expect(() => new Targets([entry])).toThrow(/^webhook.allowTargets: /);
  },
);

/** A resolver that gives one list after the other. */
function resolver(...answers: readonly (readonly string[])[]): Lookup {
  let asked = 0;
  return (_host, _options, done) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

test('a name is refused for one private address among public ones', async () => {
  await expect(resolveTarget('x.example', CLOSED, resolver(['1.1.1.1', '10.0.0.1']))).rejects.toThrow(
    'it has no public address',
  );
  expect(await resolveTarget('x.example', CLOSED, resolver(['1.1.1.1', '2606:4700::1']))).toHaveLength(2);
});

test('a host that is opened by its name may lie anywhere; another that resolves to the same may not', async () => {
  const targets = new Targets(['Intranet.Example']);
  const lookup = resolver(['10.0.0.1']);
  expect(await resolveTarget('intranet.example.', targets, lookup)).toEqual([
    { address: '10.0.0.1', family: 4 },
  ]);
  await expect(resolveTarget('other.example', targets, lookup)).rejects.toThrow(TargetRefused);
});

test('a name without addresses is refused', async () => {
  await expect(resolveTarget('x.example', CLOSED, resolver([]))).rejects.toThrow('has no address');
});
