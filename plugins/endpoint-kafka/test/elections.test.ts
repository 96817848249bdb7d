import { expect, test } from 'vitest';
import { pastElections } from '../src/elections.js';
import { CODE } from '../src/rdkafka-errors.js';

const failing = (code: number, times: number) => {
  let asked = 0;
  return {
    ask: async () => {
      if (asked++ < times) throw { code };
      return 'answered';
    },
    count: () => asked,
  };
};

test.each([CODE.LEADER_NOT_AVAILABLE, CODE.NOT_LEADER_FOR_PARTITION])(
  'a partition without a leader is asked for again (%i)',
  async (code) => {
    const { ask, count } = failing(code, 2);
    expect(await pastElections(ask, 5000)).toBe('answered');
    expect(count()).toBe(3);
  },
);

test('when the time is over, that there is no leader is the answer', async () => {
  const { ask, count } = failing(CODE.NOT_LEADER_FOR_PARTITION, 1000);
  await expect(pastElections(ask, 250)).rejects.toMatchObject({ code: CODE.NOT_LEADER_FOR_PARTITION });
  expect(count()).toBeGreaterThan(1);
  expect(count()).toBeLessThan(10);
});

test('any other error is told at once', async () => {
  const { ask, count } = failing(CODE.TOPIC_AUTHORIZATION_FAILED, 1);
  await expect(pastElections(ask, 5000)).rejects.toMatchObject({ code: CODE.TOPIC_AUTHORIZATION_FAILED });
  expect(count()).toBe(1);
});
