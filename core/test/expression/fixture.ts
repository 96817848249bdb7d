import { type ExecutionContext, type Message, newMessage } from '@sluice/core';
import { fakeContext } from '@sluice/core/testing';
import { expressionScope, type ScopeParts } from '../../src/expression/scope.js';
import type { Scope } from '../../src/expression/scope-type.js';

/** What the expressions of the tables are about. */
export const ORDER = {
  id: 7,
  feature: 'blue',
  total: 12.5,
  paid: true,
  note: null,
  'ship to': 'Aix',
  customer: { name: 'Ada', tags: ['vip', 'eu'], address: { city: 'Nantes' } },
  items: [
    { sku: 'A1', price: 2, qty: 3 },
    { sku: 'B2', price: 5, qty: 1 },
    { sku: 'C3', price: 9, qty: 2 },
  ],
  one: ['only'],
  none: [],
  matrix: [
    [1, 2],
    [3, 4],
  ],
};

/** An exchange with headers, parameters and attributes. */
export function exchange(): ExecutionContext {
  return fakeContext({
    subscription: { id: 'sub-1', type: 'push', applicationName: 'app', metadata: { feature: 'blue' } },
    api: { id: 'orders-api', name: 'Orders', version: '1.0' },
    attributes: new Map<string, unknown>([
      ['gravitee.attribute.plan', 'gold'],
      ['gravitee.attribute.user.roles', ['admin', 'ops']],
      ['count', 3],
      ['ready', true],
      ['map', new Map([['inner', 'deep']])],
    ]),
    request: {
      id: 'req-1',
      method: 'POST',
      uri: '/orders/eu/42?page=2&tag=a&tag=b',
      path: '/orders/eu/42',
      contextPath: '/orders/',
      pathInfo: '/eu/42',
      query: new URLSearchParams('page=2&tag=a&tag=b'),
      headers: new Map([
        ['x-topic', ['orders-eu']],
        ['x-many', ['one', 'two']],
        ['x-number', ['42']],
        ['x-empty', ['']],
        ['x-flag', ['true']],
        ['x-quote', ["it's"]],
        ['content-type', ['application/json']],
      ]),
      host: 'api.example.org',
      timestampMs: 1_700_000_000_000,
    },
    response: { status: 503, headers: new Map([['retry-after', ['5']]]) },
  });
}

/** A stored message whose content is {@link ORDER}, unless another is given. */
export function message(content: unknown = ORDER): Message {
  return {
    ...newMessage(
      content === null ? null : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
      [
        ['X-Key', Buffer.from('k1')],
        ['x-key', Buffer.from('k2')],
        ['x-type', Buffer.from('created')],
        ['x-null', null],
      ],
      1_700_000_000_001,
    ),
    id: 'orders@0#12',
    metadata: { topic: 'orders', partition: 0, offset: 12, key: 'k' },
  };
}

/** The scope of the tables, changed where `parts` says. */
export function scope(parts: Partial<ScopeParts> = {}): Scope {
  return expressionScope({
    ctx: exchange(),
    message: message(),
    properties: { tenant: 'acme', 'max.size': '10' },
    metadata: { owner: 'team-a' },
    endpoints: ['main', 'orders-dlq'],
    dictionaries: { countries: { fr: 'France' } },
    node: { id: 'node-1', version: '0.1.0' },
    secrets: (reference) => ({ '/env/TOKEN': 's3cret', '/file/db:password': 'pw' })[reference],
    ...parts,
  });
}
