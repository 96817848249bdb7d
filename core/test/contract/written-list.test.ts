import { expect, test } from 'vitest';
import { asWritten } from '../../src/contract/written-list.js';

test.each([
  ["{#request.headers['x'][0]}", 'a,b', ['a,b']],
  ["{#request.headers['x'][0]}", '["a","b"]', ['["a","b"]']],
  ["orders-{#request.headers['x,y'][0]}", 'orders-a,b', ['orders-a,b']],
  ['{(request.headers.x[0])}', 'a,b', ['a,b']],
  ["{#{'a': ','}['a']}", ',', [',']],
  ["{#request.headers['}'][0]}", 'a,b', ['a,b']],
  ["audit,{#request.headers['x'][0]}", 'audit,a', 'audit,a'],
  ['["{#request.headers[\'x\'][0]}"]', '["a"]', '["a"]'],
  ["{#request.headers['x'][0].split(',')}", ['a', 'b'], ['a', 'b']],
  ['a,b', 'a,b', 'a,b'],
  ["{#request.headers['x'][0]}", null, null],
])('%s that comes to %j is read from %j', (written, value, list) => {
  expect(asWritten(written, value)).toEqual(list);
});
