import fc from 'fast-check';
import { commands, type Model } from './commands.js';
import { brokenPromises } from './promises.js';
import type { Setting } from './setting.js';
import { World } from './world.js';

/** How histories are made. */
export interface RunOptions {
  readonly bootstrapServers: string;
  readonly settings: fc.Arbitrary<Setting>;
  /** The most histories of one line. */
  readonly histories: number;
  /** None is begun after this. */
  readonly milliseconds: number;
  /** How many lines of histories run side by side: they wait for the broker most of the time. */
  readonly lines: number;
  readonly seed?: number;
}

/**
 * Makes histories and holds what their clients were given against the promises; one that breaks a promise is made smaller
 * and thrown, with the promise's name. Returns how many there were.
 */
export async function runHistories(options: RunOptions): Promise<number> {
  let count = 0;
  const history = options.settings.chain((setting) =>
    fc.record({ setting: fc.constant(setting), happens: commands(setting) }),
  );
  const property = fc.asyncProperty(history, async ({ setting, happens }) => {
    count++;
    const world = await World.make(options.bootstrapServers, setting);
    try {
      await fc.asyncModelRun(() => ({ model: {} as Model, real: world }), happens);
      const told = await world.finish();
      const broken = brokenPromises(setting, world.connections, told);
      if (broken.length > 0) throw new Error(`broken promises: ${broken.join('; ')}`);
    } finally {
      await world.end();
    }
  });
  const seed = options.seed ?? Date.now() % 2 ** 31;
  await Promise.all(
    Array.from({ length: options.lines }, (_, line) =>
      fc
        .assert(property, {
          seed: seed + line,
          numRuns: options.histories,
          interruptAfterTimeLimit: options.milliseconds,
          markInterruptAsFailure: false,
          verbose: 1,
        })
        .catch(unlessInterrupted),
    ),
  );
  return count;
}

/** A line whose time was over before its first history ended has broken nothing. */
function unlessInterrupted(error: unknown): void {
  if (error instanceof Error && /interrupted after 0 tests/.test(error.message)) return;
  throw error;
}
