/**
 * That something has come to its end: of an AbortSignal what is asked of one here. Not an AbortSignal itself, because each
 * of those holds two thirds of a KiB and looks through all its listeners for each that comes or goes, and every stream has
 * two of them.
 */
export interface EndSignal {
  readonly aborted: boolean;
  /** Calls it once at the end. One that is added when the end is past is not called: ask `aborted` first. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Whoever listens takes its listener away when it is done: the signal may last longer. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
