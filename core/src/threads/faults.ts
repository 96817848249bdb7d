/** Work in a thread that took longer than it may: its thread was ended, and another takes its place. */
export class ThreadTimeout extends Error {
  constructor(timeMs: number) {
    super(`it took longer than ${timeMs} ms`);
    this.name = 'ThreadTimeout';
  }
}

/** Work whose thread ended under it: it wanted more memory than a thread has. */
export class ThreadLost extends Error {
  constructor(cause: unknown) {
    super('it took more memory than a thread has', { cause });
    this.name = 'ThreadLost';
  }
}
