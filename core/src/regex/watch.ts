import { createContext, Script } from 'node:vm';
import { cpuMs, wasHeldUp } from '../threads/cpu-time.js';
import { PatternTimeout } from './faults.js';

const watched = createContext({ work: null });
const run = new Script('work()');

/**
 * Runs work that has no turns of its own, cut off after `timeMs`. The watch, V8's own (node:vm), costs about 50 us. Its
 * time is wall time: work that the machine held up is done once more.
 * @throws PatternTimeout when it was cut off, and what the work throws.
 */
export function underWatch<T>(timeMs: number, work: () => T): T {
  const began = cpuMs();
  try {
    return once(timeMs, work);
  } catch (error) {
    if (!(error instanceof PatternTimeout) || !wasHeldUp(began, timeMs)) throw error;
    return once(timeMs, work);
  }
}

function once<T>(timeMs: number, work: () => T): T {
  watched.work = work;
  try {
    return run.runInContext(watched, { timeout: Math.max(1, Math.ceil(timeMs)) }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new PatternTimeout(timeMs);
  } finally {
    watched.work = null;
  }
}
