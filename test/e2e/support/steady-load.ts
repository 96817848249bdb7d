import { setTimeout as delay } from 'node:timers/promises';
import type { LoggedEvent } from './event-log.js';

/** Publishers that go on whatever happens; each sends its own numbers, one after the other, under a key of its own. */
export interface SteadyLoad {
  /** What was answered 202, as `publisher:number`. */
  readonly acknowledged: readonly string[];
  /** How often each other status was answered. */
  readonly refused: ReadonlyMap<number, number>;
  /** Resolves when this many more have been acknowledged; rejects after the time. */
  more(count: number, timeoutMs: number): Promise<void>;
  /** Resolves when what is under way has been answered. */
  stop(): Promise<void>;
}

/** Starts `publishers` of them against a URL whose API takes the key from the header `x-key`. */
export function startSteadyLoad(url: string, publishers: number): SteadyLoad {
  const acknowledged: string[] = [];
  const refused = new Map<number, number>();
  let stopped = false;
  const done = Array.from({ length: publishers }, async (_, publisher) => {
    for (let number = 0; !stopped; number++) {
      const body = `${publisher}:${number}`;
      const response = await fetch(url, { method: 'POST', body, headers: { 'x-key': `key-${publisher}` } });
      await response.arrayBuffer();
      if (response.status === 202) acknowledged.push(body);
      else refused.set(response.status, (refused.get(response.status) ?? 0) + 1);
      await delay(5);
    }
  });
  return {
    acknowledged,
    refused,
    async more(count, timeoutMs) {
      const goal = acknowledged.length + count;
      const deadline = performance.now() + timeoutMs;
      while (acknowledged.length < goal) {
        if (performance.now() > deadline)
          throw new Error(`${acknowledged.length} of ${goal} after ${timeoutMs} ms`);
        await delay(20);
      }
    },
    async stop() {
      stopped = true;
      await Promise.all(done);
    },
  };
}

/** What a stream had of a load: what is missing, what came twice, and what came behind a later one of its publisher. */
export function compare(events: readonly LoggedEvent[], load: SteadyLoad) {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  let doubled = 0;
  let disordered = 0;
  for (const { data } of events) {
    const [publisher = '', number = ''] = data.split(':');
    if (seen.has(data)) {
      doubled++;
      continue;
    }
    seen.add(data);
    if (Number(number) < (last.get(publisher) ?? -1)) disordered++;
    last.set(publisher, Number(number));
  }
  return { missing: load.acknowledged.filter((body) => !seen.has(body)).length, doubled, disordered };
}
