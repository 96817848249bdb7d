import { hasCursor, levelOf, type Setting } from './setting.js';

/** A record that was published and that readers may see. */
export interface Published {
  readonly number: number;
  readonly partition: number;
}

/** What happened, as far as promises depend on it. */
export interface Told {
  /** Everything readable, in the order of publishing. */
  readonly published: readonly Published[];
  /** The number of the first that the client is owed; those before it may come, where the level starts there. */
  readonly owedFrom: number;
  /** Numbers that nobody may ever get: of aborted transactions. */
  readonly aborted: ReadonlySet<number>;
  /** Numbers that were deleted before they were read, perhaps. */
  readonly deleted: ReadonlySet<number>;
  /** How often the gateway was killed, or stood still for longer than its session. */
  readonly kills: number;
  /** How often it was stopped while a webhook's callback refused what came. */
  readonly stopsRefused: number;
  /** What another client of the same group got, of another gateway. */
  readonly byOthers: ReadonlySet<number>;
}

/** `maxConcurrentConnections`: so many calls of a webhook are given up by a stop. */
const CALLS = 5;
/** More than a batch a connection is never lost by a kill. */
const BATCH = 500;

/** The promises that what a client was given breaks, in words; none when all hold. */
export function brokenPromises(
  setting: Setting,
  connections: readonly (readonly number[])[],
  told: Told,
): string[] {
  const level = levelOf(setting);
  const broken: string[] = [];
  const got = connections.flat();
  const seen = new Set(got);
  const partitionOf = new Map(told.published.map(({ number, partition }) => [number, partition]));

  const strangers = got.filter((number) => !partitionOf.has(number));
  if (strangers.length > 0) {
    const what = strangers.some((number) => told.aborted.has(number)) ? 'aborted' : 'never published';
    broken.push(`delivered although ${what}: ${shown(strangers)}`);
  }

  // Such calls are made side by side, as many as `maxConcurrentConnections` says.
  const isConcurrent =
    setting.entrypoint === 'webhook' && level !== 'at-least-once' && level !== 'at-most-once';
  // Each page of a client that sends no cursor begins anew where nothing is remembered.
  const beginsAnew = setting.entrypoint === 'http-get' && level === 'none' && !hasCursor(setting);
  for (const [index, connection] of isConcurrent || beginsAnew ? [] : connections.entries()) {
    const disorder = unordered(connection, partitionOf);
    if (disorder !== undefined) broken.push(`order within a partition, connection ${index}: ${disorder}`);
  }

  const twice = got.filter((number, index) => got.indexOf(number) !== index);
  const mayDouble =
    (level === 'none' && !hasCursor(setting)) ||
    (level !== 'at-most-once' && level !== 'none' && !hasCursor(setting) && told.kills > 0);
  if (twice.length > 0 && !mayDouble) broken.push(`nothing twice (${level}): ${shown(twice)}`);

  const owed = told.published.filter(
    ({ number }) => number >= told.owedFrom && !told.deleted.has(number) && !told.byOthers.has(number),
  );
  const missing = owed.filter(({ number }) => !seen.has(number)).map(({ number }) => number);
  const mayLose = told.kills > 0 && !hasCursor(setting) && level !== 'at-least-once' && level !== 'none';
  const givenUp = level === 'at-least-once' ? 0 : told.stopsRefused * CALLS;
  const bound = (mayLose ? told.kills * BATCH : 0) + givenUp;
  if (missing.length > bound) broken.push(`nothing lost (${level}): ${shown(missing)}`);
  return broken;
}

function unordered(numbers: readonly number[], partitionOf: ReadonlyMap<number, number>): string | undefined {
  const last = new Map<number, number>();
  for (const number of numbers) {
    const partition = partitionOf.get(number) ?? -1;
    const before = last.get(partition) ?? -1;
    if (number < before) return `${number} after ${before} in partition ${partition}`;
    last.set(partition, number);
  }
  return undefined;
}

function shown(numbers: readonly number[]): string {
  const some = numbers.slice(0, 8).join(', ');
  return numbers.length > 8 ? `${some} and ${numbers.length - 8} more` : some;
}
