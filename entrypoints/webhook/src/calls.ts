import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** What decides of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** As it was sent. */
  readonly retryAfter: string | undefined;
}

/** One POST. */
export interface Post {
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer | null;
}

/** The callback did not answer in time. */
export class CallTimeout extends Error {
  readonly code = 'TIMEOUT';
}

/** Informational ones (1xx) of one call. */
const MAX_EARLY_ANSWERS = 20;
/** What is read of an answer's body before it is thrown away, so that the connection can be used again. */
const MAX_ANSWER_BYTES = 65_536;

/** Calls that may all take the same time. One timer watches over them: none is made for a call. */
export class Calls {
  /** In the order they were begun, which is that of their ends. */
  readonly #running = new Set<Call>();
  #timer: NodeJS.Timeout | undefined;
  #cut: AbortSignal | undefined;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly timeoutMs: number,
  ) {}

  /**
   * Calls once. Resolves with the head of the answer once its body is read too, or can be read no further.
   * @param cut ends the call; the same for all that run at a time
   * @throws Error the reason of `cut`, {@link CallTimeout}, or that of the connection, when there is no answer
   */
  post({ origin, path, headers, body }: Post, cut: AbortSignal): Promise<AnswerHead> {
    if (cut.aborted) return Promise.reject(cut.reason as Error);
    this.#watch(cut);
    return new Promise((resolve, reject) => {
      const call = new Call(performance.now() + this.timeoutMs, (answer) => {
        this.#running.delete(call);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
      this.#running.add(call);
      this.#timer ??= setTimeout(() => this.#end(), this.timeoutMs).unref();
      this.dispatcher.dispatch(
        // The time of the call is the one that counts.
        { origin, path, method: 'POST', headers, body, headersTimeout: 0, bodyTimeout: 0 },
        call,
      );
    });
  }

  /** Forgets its timer: calls that still run end with their connections. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #watch(cut: AbortSignal): void {
    if (this.#cut === cut) return;
    this.#cut = cut;
    cut.addEventListener('abort', () => {
      for (const call of this.#running) call.abort(cut.reason as Error);
    });
  }

  /** Ends those whose time is over, and waits for the end of the oldest that is left. */
  #end(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const call of this.#running) {
      if (call.endsAt > now) {
        this.#timer = setTimeout(() => this.#end(), call.endsAt - now).unref();
        return;
      }
      call.abort(new CallTimeout());
    }
  }
}

class Call implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #reason: Error | undefined;
  #head: AnswerHead | undefined;
  #bytes = 0;
  #early = 0;

  constructor(
    readonly endsAt: number,
    private readonly settle: (answer: AnswerHead | Error) => void,
  ) {}

  /** One that waits for its connection is ended when that is made, or fails: within the time for connecting. */
  abort(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reason !== undefined) controller.abort(this.#reason);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status >= 200) this.#head = { status, retryAfter: headers['retry-after'] };
    // What comes before the answer (RFC 9110 §15.2) says nothing, and some send it without an end.
    else if (++this.#early > MAX_EARLY_ANSWERS)
      controller.abort(new Error('too much came before the answer'));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_ANSWER_BYTES) controller.abort(new Error('the rest of the answer is not read'));
  }

  onResponseEnd(): void {
    this.settle(this.#head ?? new Error('an answer without a head'));
  }

  /** The head decides, whatever comes of the rest. */
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.settle(this.#head ?? this.#reason ?? error);
  }
}
