import { CODE, codeOf } from './rdkafka-errors.js';

/** What tells more than "no broker can be reached", the most telling first. */
const TELLING: readonly number[] = [
  CODE.SASL_AUTHENTICATION_FAILED,
  CODE.AUTHENTICATION,
  CODE.SSL,
  CODE.CLUSTER_AUTHORIZATION_FAILED,
  CODE.RESOLVE,
  CODE.TRANSPORT,
];
const MAX_CHARS = 400;

/** librdkafka says that no broker is there apart from why: this remembers the most telling why. */
export class FailureCause {
  #rank = TELLING.length;
  #error: unknown;

  /** Looks at one error event. */
  note(error: unknown): void {
    const rank = TELLING.indexOf(codeOf(error) ?? 0);
    if (rank < 0 || rank > this.#rank) return;
    this.#rank = rank;
    this.#error = error;
  }

  /** The most telling reason since `forget`, else that of the error given. */
  reasonOf(error: unknown): string {
    const cause = this.#error ?? error;
    const text = cause instanceof Error ? cause.message : String(cause);
    return text.replace(/ \(after \d+ms in state [^)]*\)/, '').slice(0, MAX_CHARS);
  }

  /** Of the most telling reason since `forget`; undefined when there was none. */
  get code(): number | undefined {
    return codeOf(this.#error);
  }

  forget(): void {
    this.#rank = TELLING.length;
    this.#error = undefined;
  }
}
