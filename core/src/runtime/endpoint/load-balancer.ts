/** Ways to spread exchanges over the endpoints of a group, as the definition format names them. */
export type LoadBalancing = 'round-robin' | 'random' | 'weighted-round-robin' | 'weighted-random';

/** Something that takes a share of the exchanges. */
export interface Weighted {
  /** 0 takes none where others have more. */
  readonly weight: number;
}

/** Chooses one of the candidates of this turn, which are never none. */
export type Choose<T extends Weighted> = (candidates: readonly T[]) => T;

/** @param random between 0 and 1, 1 excluded */
export function loadBalancer<T extends Weighted>(
  type: LoadBalancing,
  random: () => number = Math.random,
): Choose<T> {
  switch (type) {
    case 'random':
      return (candidates) => candidates[Math.floor(random() * candidates.length)] as T;
    case 'weighted-random':
      return (candidates) => weightedRandom(candidates, random());
    case 'weighted-round-robin':
      return smoothRoundRobin();
    case 'round-robin': {
      let turn = 0;
      return (candidates) => candidates[turn++ % candidates.length] as T;
    }
  }
}

function weightedRandom<T extends Weighted>(candidates: readonly T[], at: number): T {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let left = at * total;
  for (const candidate of candidates) {
    left -= candidate.weight;
    if (left < 0) return candidate;
  }
  return candidates[0] as T;
}

/** Each turn all gain their weight, and the one that has most pays the sum: a heavy one does not come in a row. */
function smoothRoundRobin<T extends Weighted>(): Choose<T> {
  const gained = new WeakMap<T, number>();
  return (candidates) => {
    let best = candidates[0] as T;
    let total = 0;
    for (const candidate of candidates) {
      total += candidate.weight;
      gained.set(candidate, (gained.get(candidate) ?? 0) + candidate.weight);
      if ((gained.get(candidate) ?? 0) > (gained.get(best) ?? 0)) best = candidate;
    }
    gained.set(best, (gained.get(best) ?? 0) - total);
    return best;
  };
}
