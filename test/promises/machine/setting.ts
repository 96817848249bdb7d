import fc from 'fast-check';

/** What one history is about: an API, and a client of it. */
export interface Setting {
  readonly entrypoint: 'http-get' | 'sse' | 'websocket' | 'webhook';
  /** Undefined is a definition that says nothing. */
  readonly qos: Level | undefined;
  readonly reset: 'latest' | 'earliest' | undefined;
  /** Whether the topic is there when the gateway starts, and whether it is read by its name. */
  readonly topic: 'there' | 'missing' | 'pattern';
  readonly partitions: number;
  /** What a client that comes back sends: its last id or cursor, or nothing. */
  readonly comesBack: 'with its cursor' | 'with nothing';
}

export type Level = 'none' | 'balanced' | 'at-best' | 'at-most-once' | 'at-least-once';

const LEVELS = ['none', 'balanced', 'at-best', 'at-most-once', 'at-least-once'] as const;

/** The level that an entrypoint has where the definition says nothing. */
export function levelOf({ entrypoint, qos }: Setting): Level {
  return qos ?? (entrypoint === 'webhook' ? 'balanced' : 'at-best');
}

/** Whether the client's own cursor decides where it continues. */
export function hasCursor(setting: Setting): boolean {
  const { entrypoint, comesBack } = setting;
  return comesBack === 'with its cursor' && entrypoint !== 'webhook' && levelOf(setting) !== 'balanced';
}

const entrypoint = fc.constantFrom('http-get', 'sse', 'websocket', 'webhook');
const comesBack = fc.constantFrom('with nothing', 'with its cursor');

/** The settings that users have who set nothing. */
export const defaultSettings: fc.Arbitrary<Setting> = fc.record({
  entrypoint,
  qos: fc.constant(undefined),
  reset: fc.constant(undefined),
  topic: fc.constantFrom('there', 'missing', 'pattern'),
  partitions: fc.constantFrom(1, 6),
  comesBack,
});

/** All others. */
export const anySettings: fc.Arbitrary<Setting> = fc.record({
  entrypoint,
  qos: fc.constantFrom(...LEVELS),
  reset: fc.constantFrom('latest', 'earliest', undefined),
  topic: fc.constantFrom('there', 'missing', 'pattern'),
  partitions: fc.constantFrom(1, 6),
  comesBack,
});
