import { createContext, Script } from 'node:vm';
import { ExpressionFault } from './faults.js';

/** Steps a match may cost at worst and still run without a watch: a few milliseconds. */
const CHEAP_STEPS = 1_000_000;

const watched = createContext({ work: null });
const run = new Script('work()');

/**
 * Runs one operation of a regular expression on a text, cut off after `timeMs` where it could take long. The watch,
 * V8's own (node:vm), costs about 50 us; `risk` is what `regexRisk` says.
 * @throws ExpressionFault when it was cut off.
 */
export function watchRegex<T>(risk: number, text: string, timeMs: number, work: () => T): T {
  if (text.length < 2 || text.length ** (risk + 1) <= CHEAP_STEPS) return work();
  watched.work = work;
  try {
    return run.runInContext(watched, { timeout: Math.max(1, Math.ceil(timeMs)) }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new ExpressionFault(`the regular expression took longer than ${Math.ceil(timeMs)} ms`);
  } finally {
    watched.work = null;
  }
}
