import { expect, test } from 'vitest';
import { planGateway, sha256 } from '../support/plans.js';

const keyed = (id: string, header: string) => ({
  id,
  security: { type: 'API_KEY', configuration: { header, propagateApiKey: true } },
});
const keys = [
  { plan: 'shop', keys: [{ id: 'shop', sha256: sha256('k-shop') }] },
  { plan: 'blog', keys: [{ id: 'blog', sha256: sha256('k-blog') }] },
];

test('no credential of any plan reaches a record, whichever plan took the client', async () => {
  const plans = [keyed('shop', 'X-Shop-Key'), keyed('blog', 'X-Blog-Key')];
  const gateway = await planGateway(plans, { keys });
  const answer = await gateway.post({
    'x-shop-key': 'k-shop',
    'X-Blog-Key': 'k-blog',
    'x-api-key': 'other',
    'x-kept': '1',
  });
  expect(answer.status).toBe(202);
  const names = gateway.published[0]?.message.headers.map(([name]) => name.toLowerCase()) ?? [];
  expect(names).toContain('x-kept');
  expect(names.filter((name) => name.endsWith('-key'))).toEqual([]);
});
