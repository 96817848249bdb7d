import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { TestGateway } from '../support/gateway.js';
import { fc } from '../support/property.js';

/** Inputs a seed; `npm run fuzz` asks for more, and takes a seed of its own. */
const RUNS = Number(process.env.SLUICE_FUZZ_RUNS ?? 150);
/** Seeds that have found something, or may. A failure tells its seed: it belongs here. */
const SEEDS = [1, 20_261_128];
const FRESH = process.env.SLUICE_FUZZ_RUNS === undefined ? [] : [Date.now()];
/** What may be left behind when all is over: caches, code, and what the runner and the log of a test keep of each run. */
const LEFT_BYTES = 64 * 1024 * 1024 + RUNS * 16 * 1024;
/** Inputs of a hundred that only warm up: caches and code are made then. */
const WARM_UP = 0.2;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What one suite throws at the gateway. */
export interface Fuzzed<T> {
  readonly what: string;
  readonly gateway: () => Promise<TestGateway>;
  readonly input: fc.Arbitrary<T>;
  /** Sends one input, and fails where the answer is not what it should be. */
  readonly send: (input: T, gateway: TestGateway) => Promise<void>;
  /** A part of the runs, where one takes long; 1 when absent. */
  readonly share?: number;
}

/**
 * A test for each seed: whatever the input is, nothing is rejected unseen, nothing is logged as an error, the memory is
 * given back, and the gateway serves afterwards.
 */
export function fuzz<T>({ what, gateway: start, input, send, share = 1 }: Fuzzed<T>): void {
  const runs = Math.max(20, Math.round(RUNS * share));
  test.each([...SEEDS, ...FRESH])(
    `whatever ${what}, nothing fails inside the gateway (seed %d)`,
    async (seed) => {
      const escaped: unknown[] = [];
      const note = (thrown: unknown) => void escaped.push(thrown);
      process.on('unhandledRejection', note);
      const gateway = await start();
      expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      const errors = () => gateway.log.lines.filter(({ level }) => level === 'error');
      let done = 0;
      let before = 0;
      const property = fc.asyncProperty(input, async (value) => {
        if (done++ === Math.round(runs * WARM_UP)) before = usedBytes();
        await send(value, gateway);
        expect(errors()).toEqual([]);
      });
      try {
        await fc.assert(property, { seed, numRuns: runs, endOnFailure: true });
        expect((await fetch(`${gateway.adminUrl}/health/live`)).status).toBe(200);
        expect(escaped).toEqual([]);
        // What connections held goes with them, which takes a moment.
        await expect
          .poll(() => usedBytes() - before, { timeout: 10_000, interval: 250 })
          .toBeLessThan(LEFT_BYTES);
      } finally {
        process.off('unhandledRejection', note);
      }
    },
    30_000 + RUNS * 400,
  );
}

function usedBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A definition `fuzz` with these entrypoints over the endpoint that a test holds. @param listener more of its listener */
export function fuzzApi(entrypoints: readonly object[], listener: object = {}): object {
  return {
    id: 'fuzz',
    name: 'fuzz',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [{ type: 'http', paths: [{ path: '/' }], entrypoints, ...listener }],
    endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
  };
}
