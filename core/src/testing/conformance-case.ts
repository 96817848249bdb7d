/** One promise of a contract, tried on one plugin. Runs under any test runner: a `run` that rejects has failed. */
export interface ConformanceCase {
  /** The behaviour, in words. */
  readonly name: string;
  /** Why it does not apply to this plugin; absent when it does. `run` must then not be called. */
  readonly skip?: string;
  run(): Promise<void>;
}

/** A case that does not apply. */
export function skipped(name: string, skip: string): ConformanceCase {
  return { name, skip, run: () => Promise.reject(new Error(`does not apply: ${skip}`)) };
}

/** A case that applies unless there is a reason against it. */
export function caseUnless(
  reason: string | undefined | false,
  name: string,
  run: () => Promise<void>,
): ConformanceCase {
  return typeof reason === 'string' ? skipped(name, reason) : { name, run };
}
