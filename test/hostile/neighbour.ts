import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished } from 'vitest';

/** The most of posts at the 99th of a hundred. Where the machine is busy with others, a time says little. */
const QUIET_MS = 100;
const BUSY_MS = 5000;

/** Who the second client is. */
export interface NeighbourOptions {
  /** The address it calls from, such as `127.0.0.2`; that of the attack, 127.0.0.1, when absent. */
  readonly localAddress?: string;
  /** Sent with every call, such as its API key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with the stream beside them, such as its client identifier. */
  readonly streamHeaders?: Readonly<Record<string, string>>;
  /** Between two posts, in milliseconds; 20 when absent. */
  readonly everyMs?: number;
  /** Whether it reads an event stream too; yes when absent. */
  readonly streams?: boolean;
}

/** What became of the second client while it ran. */
export interface NeighbourReport {
  readonly sent: number;
  /** Unless SLUICE_QUIET is set and it has little to do: then other suites run beside, and times say little of the gateway. */
  readonly isMachineBusy: boolean;
  /** Of posts that were answered, but for the first, in milliseconds; of none, not a number. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Posts that were not answered 202; status 0 where the connection failed. */
  readonly refused: readonly { readonly number: number; readonly status: number; readonly reason: string }[];
  readonly unanswered: number;
  /** Numbers that were acknowledged and did not come over its stream, and those that came more than once. */
  readonly lost: readonly number[];
  readonly doubled: readonly number[];
  /** What its stream was told beside messages, and that it was cut. */
  readonly ends: readonly string[];
}

/** A client of the same API as an attack's, which wants nothing unusual. */
export interface Neighbour {
  /** Ends its posts, waits until its stream has what was stored, `settleMs` (10,000) at most, and tells what became of it. */
  report(settleMs?: number): Promise<NeighbourReport>;
}

/**
 * Runs a second client during an attack: a post every 20 ms, and an event stream that must get each of them. It has a thread of
 * its own. Resolves once its stream is open and its first posts are answered.
 * @param url of an API with http-post and sse
 */
export async function startNeighbour(url: string, options: NeighbourOptions = {}): Promise<Neighbour> {
  const isMachineBusy =
    process.env.SLUICE_QUIET === undefined || (loadavg()[0] ?? 0) > availableParallelism() / 2;
  const worker = new Worker(resolve('test/hostile/neighbour-client.mjs'), {
    workerData: {
      everyMs: 20,
      headers: {},
      streamHeaders: {},
      streams: true,
      warmPosts: WARM,
      ...options,
      url,
    },
  });
  onTestFinished(async () => void (await worker.terminate()));
  await once(worker, 'message');
  return {
    async report(settleMs = 10_000) {
      worker.postMessage({ settleMs });
      const [told] = await once(worker, 'message');
      const { milliseconds, ...rest } = told as Omit<
        NeighbourReport,
        'isMachineBusy' | 'p50' | 'p99' | 'max'
      > & {
        readonly milliseconds: readonly number[];
      };
      const sorted = milliseconds.slice(WARM).sort((a, b) => a - b);
      const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
      return { ...rest, isMachineBusy, p50: at(0.5), p99: at(0.99), max: at(1) };
    },
  };
}

/** The first posts make connections and warm the gateway up. */
const WARM = 20;

/**
 * Asserts that a second client noticed nothing: each post was stored and came once over its stream, which went on, and of a
 * hundred posts all but one were answered in 100 ms. On a machine that was busy before, five seconds: there each step of the
 * way waits for its turn.
 */
export function expectUnharmed(report: NeighbourReport): void {
  expect(report).toMatchObject({ refused: [], unanswered: 0, lost: [], doubled: [], ends: [] });
  expect(report.p99).toBeLessThan(report.isMachineBusy ? BUSY_MS : QUIET_MS);
}
