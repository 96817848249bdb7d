/**
 * That something has come to its end: of an AbortSignal what is asked of one here. Not always one, since each holds tables of
 * listeners, and looks through them for each that comes or goes: too much for ten thousand streams.
 */
export interface EndSignal {
  readonly aborted: boolean;
  /** Calls it once at the end. One that is added when the end is past is not called: ask `aborted` first. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Whoever listens takes its listener away when it is done: the signal may last longer. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
