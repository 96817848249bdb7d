/** What a thread is handed: a value that can be cloned, and the buffers in it that it may keep. */
export interface ThreadInput {
  readonly value: unknown;
  readonly transfer?: readonly ArrayBuffer[];
}

/** Work for a thread. */
export interface ThreadJob {
  /** Whose work it is, such as a client: each has its turn. */
  readonly owner: string;
  /** The file of a module whose default export does it: a function of the input. */
  readonly module: string;
  /** Called when a thread is free, so that what waits is not copied. */
  readonly input: () => ThreadInput;
  /** Milliseconds, counted from when the module is loaded. */
  readonly timeMs: number;
  /** Aborted when nobody waits for it any more: it is then not begun. */
  readonly signal?: AbortSignal | undefined;
}

/** What a thread is told. */
export interface ThreadRequest {
  readonly module: string;
  readonly value: unknown;
}

/** What a thread tells: that it begins, then what came of it. */
export type ThreadReply =
  | { readonly is: 'begun' }
  | { readonly is: 'done'; readonly result: unknown }
  | { readonly is: 'failed'; readonly message: string };

/** A copy of bytes that a thread may keep. */
export function bytesFor(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(content);
}
