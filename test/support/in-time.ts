import { Script } from 'node:vm';

/** Calls a function that does not wait. @throws Error when it goes on for longer than `timeoutMs`, as in an endless loop */
export function inTime<T>(timeoutMs: number, work: () => T): T {
  return new Script('work()').runInNewContext({ work }, { timeout: timeoutMs }) as T;
}
