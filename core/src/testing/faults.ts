import type { ExecutionContext } from '../contract/context.js';
import type { GapNotice, SubscribeRequest } from '../contract/delivery.js';
import type { Message } from '../contract/message.js';

/** What a faulty endpoint does wrong. All counts are from 0 and go on over the endpoint's whole life. */
export interface Faults {
  /** Milliseconds before a publish is done. */
  readonly publishDelayMs?: number;
  /** The reason why a message is not stored; undefined stores it. */
  readonly refusePublish?: (message: Message, count: number) => Error | undefined;
  /** Publishes that are not answered before `release()`. They are stored then. */
  readonly hangPublish?: (call: number) => boolean;
  /** Milliseconds before a subscription is open. */
  readonly subscribeDelayMs?: number;
  /** Why a subscription is refused; undefined opens it. */
  readonly refuseSubscribe?: (call: number) => Error | undefined;
  /** Milliseconds before each batch. */
  readonly batchDelayMs?: number;
  /** Messages that are never handed out. They count as acknowledged. */
  readonly dropMessage?: (message: Message, count: number) => boolean;
  /** Messages that are handed out twice in a row, with the same id and cursor. */
  readonly repeatMessage?: (message: Message, count: number) => boolean;
  /** After how many deliveries of one subscription its iteration throws, and what. */
  readonly breakSubscription?: { readonly after: number; readonly error: Error };
  /** Told to each subscriber before its first batch. */
  readonly gap?: GapNotice;
}

/** What was asked of a faulty endpoint. */
export interface SeenSubscribe {
  readonly ctx: ExecutionContext;
  readonly request: SubscribeRequest;
}
