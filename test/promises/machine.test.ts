import { expect, it } from 'vitest';
import { onRealKafka } from '../support/kafka/on-real-kafka.js';
import { runHistories } from './machine/run.js';
import { anySettings, defaultSettings } from './machine/setting.js';
import { defaultBroker } from './support/default-broker.js';

/** `npm run promises -- --minutes N` lets it run for as long as one likes. */
const minutes = Number(process.env.SLUICE_PROMISES_MINUTES ?? 0);
/** The short form makes the same histories each time: what it finds is due to a change. */
const seed = process.env.SLUICE_PROMISES_SEED ?? (minutes > 0 ? undefined : '20261127');
const lines = 5;
const short = { histories: 2, milliseconds: 90_000 };
const share = (part: number) =>
  minutes > 0 ? { histories: 1_000_000, milliseconds: minutes * 60_000 * part } : short;
/** A history that breaks a promise is made smaller, which takes as long again. */
const timeout = minutes > 0 ? minutes * 120_000 + 600_000 : 400_000;

onRealKafka(
  'promises hold over histories',
  () => {
    const { bootstrapServers } = defaultBroker();
    const run = async (settings: typeof anySettings, part: number) => {
      const count = await runHistories({
        bootstrapServers: bootstrapServers(),
        settings,
        lines,
        ...share(part),
        ...(seed === undefined ? {} : { seed: Number(seed) }),
      });
      if (minutes > 0) console.info(`${count} histories, no broken promise`);
      expect(count).toBeGreaterThan(0);
    };

    it('with the settings that users have who set nothing', () => run(defaultSettings, 0.4), timeout);

    it('with every other', () => run(anySettings, 0.6), timeout);
  },
  { java: true },
);
