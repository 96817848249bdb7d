import type { Position } from './consumer-listener.js';
import { keyOf } from './partition-table.js';
import type { ReaderParts } from './reader-parts.js';

/** A reader, as its watchdog sees it. */
export interface WatchedReader {
  /** The partitions it has room for records of, each with the offset that comes next. */
  expected(): readonly Position[];
  /** Puts another consumer in the place of the one that stands still. */
  renew(): Promise<void>;
}

/** How long a partition may bring nothing although it holds more: doubled after each renewal that does not help. */
const PATIENCE_MS = { first: 30_000, most: 600_000 };
const LOOKS_PER_PATIENCE = 3;

/** Times of a watchdog; for tests. */
export interface WatchdogTimes {
  readonly first: number;
  readonly most: number;
}

/**
 * Watches that a reader which has room and lag gets records. One that gets none for half a minute is logged, counted,
 * shown in the endpoint's health, and renewed. While no broker is there nothing is expected. Returns what ends it.
 */
export function watchReading(
  parts: Pick<ReaderParts, 'cluster' | 'log' | 'stalls'>,
  reader: WatchedReader,
  times: WatchdogTimes = PATIENCE_MS,
): () => void {
  const { cluster, log, stalls } = parts;
  const lookMs = times.first / LOOKS_PER_PATIENCE;
  const since = new Map<string, { readonly offset: number; readonly at: number }>();
  /** Where those stood that the reader was last renewed for. */
  let stood: readonly Position[] = [];
  let patienceMs = times.first;
  let isEnded = false;
  let timer = setTimeout(look, lookMs);
  timer.unref();

  /** Those that have not moved for long enough, also those that hold nothing more. */
  function unmoved(): readonly Position[] {
    const now = performance.now();
    const expected = cluster.health.status === 'up' ? reader.expected() : [];
    const keys = new Set(expected.map(keyOf));
    for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
    return expected.filter((position) => {
      const key = keyOf(position);
      const before = since.get(key);
      if (before?.offset === position.offset) return now - before.at >= patienceMs;
      since.set(key, { offset: position.offset, at: now });
      return false;
    });
  }

  function hasMoved(position: Position): boolean {
    return (since.get(keyOf(position))?.offset ?? position.offset) !== position.offset;
  }

  async function withLag(positions: readonly Position[]): Promise<readonly Position[]> {
    const found = await Promise.all(
      positions.map(async (position) => {
        const { high } = await cluster.watermarks(position.topic, position.partition);
        return high > position.offset ? [position] : [];
      }),
    );
    return found.flat();
  }

  async function look(): Promise<void> {
    try {
      const stalled = await withLag(unmoved());
      if (isEnded) return;
      stalls.set(reader, stalled.map(keyOf));
      if (stalled.length > 0) {
        log.error(
          { partitions: stalled, patienceMs },
          'nothing is read of partitions although they hold records: the reader is renewed',
        );
        stalls.renewals++;
        since.clear();
        stood = stalled;
        patienceMs = Math.min(patienceMs * 2, times.most);
        await reader.renew();
      } else if (stood.length > 0 && stood.every(hasMoved)) {
        stood = [];
        patienceMs = times.first;
      }
    } catch (error) {
      log.debug({ err: error }, 'it could not be seen whether partitions are read');
    }
    if (isEnded) return;
    timer = setTimeout(look, lookMs);
    timer.unref();
  }

  return () => {
    isEnded = true;
    clearTimeout(timer);
    stalls.set(reader, []);
  };
}
