import type { ExecutionContext, ResponseInfo } from './context.js';
import type { Message } from './message.js';

/** Where a policy can stand: on the exchange, before and after the endpoint, or on each message, in and out. */
export type Phase = 'request' | 'response' | 'publish' | 'subscribe';

/** A result now, or later: what can be given at once should be, because a wait per message costs. */
export type MaybePromise<T> = T | Promise<T>;

/** A text with expressions, compiled when the API was deployed. */
export interface Template {
  /**
   * The value of the text: that of the expression when the text is nothing else, a string otherwise.
   * @throws SluiceError `EXPRESSION_FAILED`
   */
  evaluate(ctx: ExecutionContext, message?: Message): MaybePromise<unknown>;
}

/** A condition, compiled when the API was deployed. */
export interface Condition {
  /** @throws SluiceError `EXPRESSION_FAILED` */
  holds(ctx: ExecutionContext, message?: Message): MaybePromise<boolean>;
}

/** Compiles expressions for a policy while its API is deployed. */
export interface Expressions {
  /** @throws Error telling what is wrong and what would do: the API is then not deployed */
  template(text: string): Template;
  /** @throws Error as `template` */
  condition(text: string): Condition;
}

/**
 * A running policy of one step. A throw ends the request, or the one message it happened on, with that error; null
 * drops the message as if it had been settled. A changed message is a copy: others share the one handed in.
 */
export interface Policy {
  onRequest?(ctx: ExecutionContext): MaybePromise<void>;
  onResponse?(ctx: ExecutionContext, response: ResponseInfo): MaybePromise<void>;
  onPublish?(message: Message, ctx: ExecutionContext): MaybePromise<Message | null>;
  onSubscribe?(message: Message, ctx: ExecutionContext): MaybePromise<Message | null>;
}
