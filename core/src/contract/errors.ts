import { ERRORS, type ErrorEntry, type ErrorKey } from './error-table.js';

export { ERRORS, type ErrorEntry, type ErrorKey } from './error-table.js';

/** The one error that crosses boundaries. `message` is for the client; the cause goes to the log only. */
export class SluiceError extends Error {
  readonly key: ErrorKey;
  /** Seconds for `Retry-After`; absent when repeating is of no use or the table's default of 1 will do. */
  readonly retryAfterSeconds: number | undefined;
  /** Further response headers, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The HTTP status of the answer: the table's, unless a policy chose another. */
  readonly status: number;
  /** The key that the client is shown: `key`, unless a policy chose another. */
  readonly code: string;
  /** Of the message when it is a body of a policy's own, sent as it is; absent for the usual error body. */
  readonly contentType: string | undefined;
  /** What response templates may say beside the message; fit for clients. */
  readonly parameters: Readonly<Record<string, unknown>>;

  constructor(
    key: ErrorKey,
    options: {
      message?: string;
      cause?: unknown;
      retryAfterSeconds?: number;
      headers?: Readonly<Record<string, string>>;
      status?: number;
      code?: string;
      contentType?: string;
      parameters?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(
      options.message ?? ERRORS[key].message,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'SluiceError';
    this.key = key;
    this.retryAfterSeconds = options.retryAfterSeconds ?? (ERRORS[key].retryable ? 1 : undefined);
    this.headers = options.headers ?? {};
    this.status = options.status ?? ERRORS[key].status;
    this.code = options.code ?? key;
    this.contentType = options.contentType;
    this.parameters = options.parameters ?? {};
  }

  /** What the table says of this error. */
  get entry(): ErrorEntry {
    return ERRORS[this.key];
  }

  /**
   * How it is logged. Its status says whose doing it is: below 500 the client's, which is nothing that an operator must mend,
   * so it is logged as information, and without a stack; else as the table has it.
   */
  get level(): ErrorEntry['level'] {
    const { level } = this.entry;
    return this.status < 500 && (level === 'error' || level === 'warn') ? 'info' : level;
  }

  /** What a log line tells of the cause: the reason alone where it is the client's doing, else the error itself. */
  get logged(): { readonly reason?: string; readonly err?: Error } {
    if (!(this.cause instanceof Error)) return {};
    return this.status < 500 ? { reason: this.cause.message } : { err: this.cause };
  }

  /** Anything thrown, as a SluiceError: itself, or `INTERNAL_ERROR` with it as the cause. */
  static from(thrown: unknown): SluiceError {
    return thrown instanceof SluiceError ? thrown : new SluiceError('INTERNAL_ERROR', { cause: thrown });
  }
}
