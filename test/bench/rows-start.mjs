import { definition, gateway } from './processes.mjs';
import { figure, paired } from './statistics.mjs';
import { atMost } from './targets.mjs';

/** From the command to the line `ready`, with this many definitions. */
const row =
  (definitions) =>
  async (bootstrap, { pairs, progress }) => {
    const apis = Array.from({ length: definitions }, (_, n) =>
      definition(`api-${n}`, bootstrap, `start-${n % 10}`),
    );
    const samples = await paired(
      pairs,
      undefined,
      async () => {
        const ours = await gateway(apis);
        await ours.stop();
        return { ms: ours.startMs };
      },
      (pair, _, { ms }) => progress(pair, null, ms),
    );
    const title = `start with ${definitions.toLocaleString('en')} definition${definitions === 1 ? '' : 's'}`;
    return [figure(samples, 'ms', { name: `start-${definitions}`, title, unit: 'ms', target: atMost(1000) })];
  };

/** Rows of the start. */
export const START_ROWS = { 'start-1': row(1), 'start-100': row(100), 'start-1000': row(1000) };
