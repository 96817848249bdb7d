import { fakeContext } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { clientIdentifier } from '../../src/server/client-identifier.js';

interface Asked {
  readonly header?: string;
  readonly query?: string;
  readonly remoteAddress?: string;
  readonly api?: string;
  readonly subscription?: { readonly id: string; readonly planId?: string };
}

function identify(asked: Asked = {}): string {
  const { header, query, remoteAddress = '192.0.2.1', api = 'api', subscription } = asked;
  const { request } = fakeContext({
    request: {
      remoteAddress,
      headers: new Map(header === undefined ? [] : [['x-gravitee-client-identifier', [header]]]),
      query: new URLSearchParams(query === undefined ? {} : { 'X-Gravitee-Client-Identifier': query }),
    },
  });
  return clientIdentifier(request, api, subscription ?? { id: remoteAddress });
}

describe('a client without a name', () => {
  test('is known by a hash of its address, always the same', () => {
    expect(identify()).toMatch(/^[\da-f]{64}$/);
    expect(identify()).toBe(identify());
    expect(identify()).not.toContain('192');
  });

  test('is another one at another address, and of another API', () => {
    expect(identify({ remoteAddress: '192.0.2.2' })).not.toBe(identify());
    expect(identify({ api: 'other' })).not.toBe(identify());
  });

  test('is not told from one whose name is empty', () => {
    expect(identify({ header: '' })).toBe(identify());
    expect(identify({ query: '' })).toBe(identify());
  });
});

describe('a client that a plan knows', () => {
  test('is the same from every address, and another one of each subscription and plan', () => {
    const shop = { id: 'shop', planId: 'gold' };
    expect(identify({ subscription: shop, remoteAddress: '192.0.2.2' })).toBe(
      identify({ subscription: shop }),
    );
    expect(identify({ subscription: { ...shop, id: 'other' } })).not.toBe(identify({ subscription: shop }));
    expect(identify({ subscription: { ...shop, planId: 'free' } })).not.toBe(
      identify({ subscription: shop }),
    );
  });
});

describe('a client that names itself', () => {
  test('is kept apart from the same name at another address by the hash behind it', () => {
    expect(identify({ header: 'me' })).toBe(`me-${identify()}`);
    expect(identify({ header: 'me', remoteAddress: '192.0.2.2' })).not.toBe(identify({ header: 'me' }));
  });

  test('may give back the identifier it was told', () => {
    const told = identify({ header: 'me' });
    expect(identify({ header: told })).toBe(told);
    expect(identify({ header: identify() })).toBe(identify());
  });

  test('may do so in the query, where the header wins', () => {
    expect(identify({ query: 'me' })).toBe(identify({ header: 'me' }));
    expect(identify({ header: 'me', query: 'not me' })).toBe(identify({ header: 'me' }));
  });

  test('may use 200 visible ASCII characters', () => {
    expect(identify({ header: '!~'.repeat(100) })).toMatch(/^(!~){100}-/);
  });

  test.each(['x'.repeat(201), 'with space', 'tab\t', 'ümlaut', 'line\nbreak', '\u007f'])(
    'is refused as %j',
    (header) => {
      expect(() => identify({ header })).toThrow(
        expect.objectContaining({
          key: 'BAD_REQUEST',
          message: 'X-Gravitee-Client-Identifier must be 1 to 200 visible ASCII characters',
        }),
      );
    },
  );
});
