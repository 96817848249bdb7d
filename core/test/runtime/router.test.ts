import { describe, expect, test } from 'vitest';
import { inTime } from '../../../test/support/in-time.js';
import { fc } from '../../../test/support/property.js';
import { normalizePath, type Route, Router, routeOf } from '../../src/runtime/route/router.js';

function routerOf(...routes: readonly (readonly [path: string, host?: string])[]): Router<string> {
  const router = new Router<string>();
  for (const [path, host] of routes) router.set(routeOf(host, path), `${host ?? ''}${path}`);
  return router;
}

describe('a path leads to', () => {
  const router = routerOf(['/orders'], ['/orders/new'], ['/a/b/c'], ['/with space']);

  test.each([
    ['/orders', '/orders', '/orders/', '/'],
    ['/orders/', '/orders', '/orders/', '/'],
    ['/orders/7', '/orders', '/orders/', '/7'],
    ['/orders/7/', '/orders', '/orders/', '/7'],
    ['//orders///7//lines', '/orders', '/orders/', '/7/lines'],
    ['/orders/new', '/orders/new', '/orders/new/', '/'],
    ['/orders/new/x', '/orders/new', '/orders/new/', '/x'],
    ['/orders/newer', '/orders', '/orders/', '/newer'],
    ['/a/b/c/d/e', '/a/b/c', '/a/b/c/', '/d/e'],
    ['orders', '/orders', '/orders/', '/'],
    ['/%6frders/%7E', '/orders', '/orders/', '/%7E'],
    ['/with%20space/%c3%bc', '/with space', '/with%20space/', '/%c3%bc'],
    ['/with space', '/with space', '/with%20space/', '/'],
    ['/orders/%2e%2e/x', '/orders', '/orders/', '/%2e%2e/x'],
    ['/orders/..', '/orders', '/orders/', '/..'],
    ['/orders/💧', '/orders', '/orders/', '/💧'],
  ])('%s: %s', (path, target, contextPath, pathInfo) => {
    expect(router.find('any', path)).toEqual({ target, contextPath, pathInfo });
  });

  test.each([
    '',
    '/',
    '/ordersX',
    '/order',
    '/ORDERS',
    '/orders%2F7',
    '/a',
    '/a/b',
    '/a/b/cd',
    '/x/orders',
    '*',
  ])('%s: nobody', (path) => {
    expect(inTime(1000, () => router.find('any', path))).toBeUndefined();
  });
});

test('a listener on / takes every path, and the whole of it is the rest', () => {
  const router = routerOf(['/'], ['/orders']);
  expect(router.find('any', '/')).toEqual({ target: '/', contextPath: '/', pathInfo: '/' });
  expect(router.find('any', '/x/y/')).toEqual({ target: '/', contextPath: '/', pathInfo: '/x/y' });
  expect(router.find('any', '/orders')?.target).toBe('/orders');
});

describe('hosts', () => {
  const router = routerOf(['/orders/new/fast'], ['/orders', 'Shop.Example'], ['/', 'other.example']);

  test('that are named win over any length of path', () => {
    expect(router.find('shop.example', '/orders/new/fast')?.target).toBe('Shop.Example/orders');
  });

  test('are compared ignoring case and port', () => {
    expect(router.find('SHOP.example:8082', '/orders')?.target).toBe('Shop.Example/orders');
  });

  test('that are named and do not have the path leave it to listeners of any host', () => {
    expect(routerOf(['/x'], ['/orders', 'shop']).find('shop', '/x')?.target).toBe('/x');
  });

  test('that nobody names get the listeners of any host', () => {
    expect(router.find('unknown', '/orders/new/fast')?.target).toBe('/orders/new/fast');
    expect(router.find('unknown', '/orders')).toBeUndefined();
  });

  test('may be an IPv6 address', () => {
    const six = routerOf(['/', '[2001:db8::1]']);
    expect(six.find('[2001:DB8::1]:8082', '/')?.target).toBe('[2001:db8::1]/');
    expect(six.find('[2001:db8::1]', '/')?.target).toBe('[2001:db8::1]/');
  });

  test('that are empty mean any host', () => {
    expect(routerOf(['/orders', '']).find('whatever', '/orders')?.target).toBe('/orders');
  });
});

test('owner tells who listens on exactly a route, and only on that', () => {
  const router = routerOf(['/orders'], ['/orders', 'shop']);
  expect(router.owner(routeOf(undefined, 'orders/'))).toBe('/orders');
  expect(router.owner(routeOf('SHOP', '/orders'))).toBe('shop/orders');
  expect(router.owner(routeOf('other', '/orders'))).toBeUndefined();
  expect(router.owner(routeOf(undefined, '/orders/new'))).toBeUndefined();
});

test('a route that was deleted is found no more, and the others still are', () => {
  const router = routerOf(['/orders'], ['/orders/new'], ['/orders', 'shop']);
  router.delete(routeOf(undefined, '/orders/new'));
  expect(router.find('any', '/orders/new')).toMatchObject({ target: '/orders', pathInfo: '/new' });
  router.delete(routeOf(undefined, '/orders'));
  expect(inTime(1000, () => router.find('any', '/orders/new'))).toBeUndefined();
  expect(router.find('shop', '/orders')?.target).toBe('shop/orders');
});

test('a router without routes finds nothing', () => {
  expect(inTime(1000, () => new Router().find('any', '/x'))).toBeUndefined();
});

test('a path of thousands of segments costs no more than a short one', () => {
  const router = routerOf(['/orders'], ['/orders/new']);
  const long = '/a'.repeat(8000);
  const searches = () => {
    for (let n = 0; n < 200; n++) router.find('any', `${long}${n}`);
  };
  // 200 of them took more than 20 s when every prefix was looked up.
  inTime(2000, searches);
});

test('a path is normalized to one slash between segments, one at the start and one at the end', () => {
  const segment = fc.stringMatching(/^[a-z]{1,3}$/);
  const slashes = fc.integer({ min: 1, max: 3 }).map((count) => '/'.repeat(count));
  fc.assert(
    fc.property(fc.array(fc.tuple(slashes, segment)), fc.constantFrom('', '/', '//'), (parts, end) => {
      const odd = parts.map(([slash, name]) => slash + name).join('') + end;
      const expected = parts.length === 0 ? '/' : `/${parts.map(([, name]) => name).join('/')}/`;
      expect(normalizePath(odd)).toBe(expected);
      expect(normalizePath(expected)).toBe(expected);
    }),
  );
});

test('it finds what a search through all routes finds', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 4 })
    .map((parts) => `/${parts.join('/')}`);
  const host = fc.constantFrom('one', 'two', undefined);
  const routes = fc.array(fc.tuple(path, host), { maxLength: 8 });
  fc.assert(
    fc.property(routes, path, fc.constantFrom('one', 'two', 'three'), (list, wanted, asked) => {
      const all = list.map(([listened, name]) => routeOf(name, listened));
      const router = new Router<Route>();
      for (const route of all) router.set(route, route);
      const found = inTime(1000, () => router.find(asked, wanted));
      expect(found?.target).toEqual(naive(all, asked, normalizePath(wanted)));
      if (found !== undefined) {
        const { contextPath, pathInfo } = found;
        expect(normalizePath(contextPath + pathInfo)).toBe(normalizePath(wanted));
      }
    }),
    { numRuns: 1000 },
  );
});

function naive(routes: readonly Route[], host: string, path: string): Route | undefined {
  const rank = (route: Route) => (route.host === undefined ? 0 : 10_000) + route.path.length;
  return [...routes]
    .filter((route) => route.host === undefined || route.host === host)
    .filter((route) => path.startsWith(route.path))
    .sort((a, b) => rank(b) - rank(a))[0];
}
