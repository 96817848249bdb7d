import { type EndpointPlugin, type EntrypointPlugin, QOS_LEVELS, type RequestedQos } from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { agreeQos } from '../../src/runtime/agree-qos.js';

type Entry = Pick<EntrypointPlugin, 'id' | 'qos' | 'carriesCursor' | 'requires'>;
type End = Pick<EndpointPlugin, 'id' | 'qos' | 'capabilities'>;

const REQUESTED: readonly RequestedQos[] = ['auto', ...QOS_LEVELS];
const end = (qos: End['qos'], capabilities: End['capabilities']): End => ({ id: 'end', qos, capabilities });

const ENDS = {
  'all of it': end(QOS_LEVELS, ['auto-ack', 'manual-ack', 'recover']),
  'no manual-ack': end(QOS_LEVELS, ['auto-ack', 'recover']),
  'no recover': end(QOS_LEVELS, ['auto-ack', 'manual-ack']),
  'weak levels': end(['none', 'balanced'], ['auto-ack', 'manual-ack', 'recover']),
  'only none': end(['none'], []),
  nothing: end([], []),
};
/** Carries a cursor, offers every level, and asks for abilities at the two strong ones. */
const READER: Entry = {
  id: 'reader',
  qos: QOS_LEVELS,
  carriesCursor: true,
  requires: (qos) => (qos === 'at-most-once' || qos === 'at-least-once' ? ['manual-ack', 'recover'] : []),
};
/** Carries nothing back, as a POST. */
const WRITER: Entry = { id: 'writer', qos: ['none'], carriesCursor: false };

/** Rows: what is asked for. Columns: {@link ENDS}. `Q` INCOMPATIBLE_QOS, `C` INCOMPATIBLE_QOS_CAPABILITIES. */
const READER_TABLE = `
auto           at-best        at-best   at-best   Q         Q     Q
none           none           none      none      none      none  Q
balanced       balanced       balanced  balanced  balanced  Q     Q
at-best        at-best        at-best   at-best   Q         Q     Q
at-most-once   at-most-once   C         C         Q         Q     Q
at-least-once  at-least-once  C         C         Q         Q     Q`;
const WRITER_TABLE = `
auto           balanced       balanced  balanced  balanced  Q     Q
none           none           none      none      none      none  Q
balanced       Q              Q         Q         Q         Q     Q
at-best        Q              Q         Q         Q         Q     Q
at-most-once   Q              Q         Q         Q         Q     Q
at-least-once  Q              Q         Q         Q         Q     Q`;

const KEYS = new Map([
  ['INCOMPATIBLE_QOS', 'Q'],
  ['INCOMPATIBLE_QOS_CAPABILITIES', 'C'],
]);

function outcome(requested: RequestedQos, entry: Entry, endpoint: End): string {
  const agreed = agreeQos(requested, entry, endpoint);
  return 'qos' in agreed ? agreed.qos : (KEYS.get(agreed.key) ?? agreed.key);
}

describe.each([
  [READER, READER_TABLE],
  [WRITER, WRITER_TABLE],
])('%j', (entry, table) => {
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.split(/ +/));

  test('the table has every level and every endpoint', () => {
    expect(rows.map(([requested]) => requested)).toEqual(REQUESTED);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([1 + Object.keys(ENDS).length]));
  });

  test.each(rows)('qos %s', (requested, ...expected) => {
    const found = Object.values(ENDS).map((endpoint) => outcome(requested as RequestedQos, entry, endpoint));
    expect(found).toEqual(expected);
  });

  test.each(Object.entries(ENDS))(
    'what a refusal says would work with an endpoint of %s, works, and nothing else does',
    (_, endpoint) => {
      const works = REQUESTED.filter(
        (requested) => !['Q', 'C'].includes(outcome(requested, entry, endpoint)),
      );
      for (const requested of REQUESTED) {
        const agreed = agreeQos(requested, entry, endpoint);
        if ('qos' in agreed) continue;
        const named = /what works: (.*)$/.exec(agreed.message)?.[1]?.split(', ') ?? [];
        expect([...named].sort(), agreed.message).toEqual([...works].sort());
      }
    },
  );
});

test('a refusal names the level, and the side that cannot keep it', () => {
  expect(agreeQos('at-best', WRITER, ENDS['all of it'])).toEqual({
    key: 'INCOMPATIBLE_QOS',
    message: 'qos "at-best" is not one that the entrypoint "writer" can keep; what works: none, auto',
  });
  expect(agreeQos('at-best', READER, ENDS['only none'])).toEqual({
    key: 'INCOMPATIBLE_QOS',
    message: 'qos "at-best" is not one that the endpoint "end" can keep; what works: none',
  });
  expect(agreeQos('at-least-once', READER, ENDS['no recover'])).toEqual({
    key: 'INCOMPATIBLE_QOS_CAPABILITIES',
    message:
      'qos "at-least-once" on the entrypoint "reader" needs recover of the endpoint "end"; what works: none, balanced, at-best, auto',
  });
  expect(agreeQos('none', READER, ENDS.nothing)).toMatchObject({
    message: expect.stringContaining('no level works for this pair'),
  });
});
