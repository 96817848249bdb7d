import { createRequire } from 'node:module';
import { bytesFor, inThread, PatternTimeout, ThreadLost, ThreadTimeout, underWatch } from '@sluice/core';
import { compileJsonCheck } from './compile-schema.js';

/** What is wrong with a content. */
export interface Finding {
  readonly message: string;
  /** It could not be checked within the bounds of one check. */
  readonly isTooLarge?: boolean;
}

/** Who waits for a check, and whose turn of the threads it is. */
type Exchange = { readonly signal?: AbortSignal; readonly client?: string };

/** A larger content is checked in a thread: reading it and checking it take a millisecond or two of the event loop. */
const AT_ONCE_BYTES = 64 * 1024;
/** A larger one is watched, which takes 50 us. */
const UNWATCHED_BYTES = 4 * 1024;
/** What takes longer is done again in a thread. */
const AT_ONCE_MS = 5;
/** Ten megabytes of small objects, all different, take a tenth of it on an idle machine. */
const THREAD_MS = 5000;

const module = createRequire(import.meta.url).resolve('@sluice/policy-json-validation/thread');

/** Checks contents by one schema: at once where that is soon done, else in a thread. */
export class ContentCheck {
  readonly #check;

  /**
   * @param schema its text
   * @param threadMs what a check in a thread may take
   * @throws Error telling what is wrong with the schema
   */
  constructor(
    private readonly schema: string,
    private readonly threadMs = THREAD_MS,
  ) {
    this.#check = compileJsonCheck(schema);
  }

  /**
   * What is wrong; undefined when nothing is. Rejects with SluiceError `TOO_MANY_EVALUATIONS`.
   * @param exchange whose signal is asked for, which costs, only where a thread is needed
   */
  of(content: Buffer, exchange: Exchange = {}): Finding | undefined | Promise<Finding | undefined> {
    if (content.length > AT_ONCE_BYTES) return this.#inThread(content, exchange);
    const isWatched = this.#check.isRecursive || content.length > UNWATCHED_BYTES;
    const work = () => this.#check.problemOf(content, AT_ONCE_MS);
    try {
      return found(isWatched ? underWatch(AT_ONCE_MS, work) : work());
    } catch (error) {
      if (error instanceof PatternTimeout) return this.#inThread(content, exchange);
      throw error;
    }
  }

  async #inThread(content: Buffer, { signal, client = '' }: Exchange): Promise<Finding | undefined> {
    const timeMs = this.threadMs;
    const input = () => {
      const bytes = bytesFor(content);
      return { value: { schema: this.schema, bytes, timeMs }, transfer: [bytes.buffer] };
    };
    try {
      return found((await inThread({ owner: client, module, input, timeMs, signal })) as string | undefined);
    } catch (error) {
      if (!(error instanceof ThreadTimeout || error instanceof ThreadLost)) throw error;
      return { message: `The content is too large to be checked: ${error.message}`, isTooLarge: true };
    }
  }
}

function found(message: string | undefined): Finding | undefined {
  return message === undefined ? undefined : { message };
}
