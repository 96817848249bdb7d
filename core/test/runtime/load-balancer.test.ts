import { expect, test } from 'vitest';
import { type Choose, loadBalancer } from '../../src/runtime/endpoint/load-balancer.js';

interface Named {
  readonly name: string;
  readonly weight: number;
}
const of = (...weights: number[]): Named[] =>
  weights.map((weight, index) => ({ name: 'abc'[index] ?? '', weight }));
const turns = (choose: Choose<Named>, candidates: readonly Named[], count: number) =>
  Array.from({ length: count }, () => choose(candidates).name).join('');

test('round-robin takes turns, whatever the weights', () => {
  expect(turns(loadBalancer('round-robin'), of(5, 1, 1), 7)).toBe('abcabca');
});

test('weighted-round-robin gives each its share, and no one its turns in a row', () => {
  expect(turns(loadBalancer('weighted-round-robin'), of(5, 1, 1), 14)).toBe('aabacaaaabacaa');
  expect(turns(loadBalancer('weighted-round-robin'), of(1, 0), 4)).toBe('aaaa');
  expect(turns(loadBalancer('weighted-round-robin'), of(0, 0), 4)).toBe('aaaa');
});

test('random and weighted-random spread by chance and by weight', () => {
  let at = 0;
  const random = () => (at++ % 10) / 10;
  expect(turns(loadBalancer('random', random), of(1, 9), 10)).toBe('aaaaabbbbb');
  expect(turns(loadBalancer('weighted-random', random), of(3, 7), 10)).toBe('aaabbbbbbb');
  expect(turns(loadBalancer('weighted-random', random), of(0, 1), 10)).toBe('bbbbbbbbbb');
  expect(turns(loadBalancer('weighted-random', random), of(0, 0), 2)).toBe('aa');
});

test('one that is not a candidate of a turn is passed over, and comes back', () => {
  const [a, b] = of(1, 1);
  const choose = loadBalancer<Named>('weighted-round-robin');
  const all = [a, b] as Named[];
  expect(turns(choose, all, 2) + turns(choose, [b] as Named[], 2) + turns(choose, all, 2)).toBe('abbbab');
});
