import type { SluiceError } from './errors.js';
import type { Message } from './message.js';
import type { Qos } from './qos.js';

/** One message handed to one subscriber. Settled once: later calls of `ack` and `nack` do nothing. */
export interface Delivery {
  readonly message: Message;
  /**
   * The progress of the whole subscription once this delivery counts as received, to be given back as
   * {@link SubscribeRequest.cursor}; null where the agreed level has no cursor (`balanced`).
   */
  readonly cursor: string | null;
  /** A policy failed on this message: the client is told, and never handed the message. Absent when all is well. */
  readonly error?: SluiceError;
  /** The message as the endpoint has it, where a policy changed it or failed on it; absent when `message` is that. */
  readonly original?: Message;
  /**
   * True once settling it has no effect any more, because another reader of the group has its partition now and gets
   * it again: whoever has not begun to deliver it leaves it. Absent where that cannot happen.
   */
  readonly stale?: boolean;
  /** The client has it, as far as the entrypoint can know: progress may pass it. */
  ack(): void;
  /** The client does not have it: this message and the later ones of its partition are handed out again, in order. */
  nack(reason: Error): void;
}

/** Something a client must be told in-band: it does not get messages that follow its cursor. */
export interface GapNotice {
  /**
   * `CURSOR_EXPIRED`: they are gone. `CURSOR_INCOMPLETE`: its cursor, written by hand, leaves this place out, so reading
   * begins there by the endpoint's own rule.
   */
  readonly key: 'CURSOR_EXPIRED' | 'CURSOR_INCOMPLETE';
  /** Where: the endpoint's own name of the place, on Kafka `topic@partition`. */
  readonly source: string;
  /** The first position that is left out, and the first that is read. */
  readonly from: number;
  readonly to: number;
}

/** What an entrypoint asks of an endpoint. */
export interface SubscribeRequest {
  readonly qos: Qos;
  /** As the client sent it; absent when it sent none. Exclusive: reading goes on after it. */
  readonly cursor?: string;
  /**
   * Reading begins with the first message of each partition that is stored at this time or later; milliseconds since
   * the epoch. Absent or given with a cursor: no effect.
   */
  readonly since?: number;
  /**
   * The most deliveries handed out and not settled, 1 or more. The endpoint stops handing out at this bound. It has
   * no effect at `none`, where nobody settles: there the pull alone sets the pace.
   */
  readonly maxInFlight: number;
  /**
   * When this subscriber was taken, where that is kept; milliseconds since the epoch. Reading begins no later than what was
   * stored from then on, should the endpoint not know its place (any more). Absent: now.
   */
  readonly takenAt?: number;
  /** Whether {@link Subscription.caughtUp} is going to be asked for; that may cost a call to the store. */
  readonly toEnd?: boolean;
  /** Called from within `next()`, before the batch that follows the gap is returned. */
  readonly onGap?: (gap: GapNotice) => void;
}

/**
 * A stream of batches, pulled: nothing is read ahead beyond the endpoint's stated bounds. A batch has at least
 * one delivery. The same array may be handed to many subscribers of level `none`, so an entrypoint can encode
 * it once for all of them (a WeakMap keyed by the batch). Ends without an error when closed.
 */
export interface Subscription extends AsyncIterable<readonly Delivery[]> {
  /** The progress before the first delivery; null where it is not known yet or the level has no cursor. */
  readonly startCursor: string | null;
  /**
   * Settles once messages can come, such as when a group has been joined, or when it is known that none will. Never
   * rejects: what went wrong is thrown by the reading. Absent where they can from the start.
   */
  readonly ready?: Promise<void> | undefined;
  /**
   * Settles once what was stored when the subscription was made has been handed out or passed by; only what comes later is
   * then to be waited for. To be asked for when it is `ready`. Never rejects. Absent where that is not known.
   */
  readonly caughtUp?: Promise<void> | undefined;
  /**
   * The cursor after everything handed out so far and what lies behind it and is not handed out, such as what a policy
   * dropped; null when nothing was. Absent where it is the last delivery's.
   */
  readonly passed?: (() => string | null) | undefined;
  /**
   * Stops reading; unsettled deliveries go to the next subscriber of the group. Resolves once what was settled is
   * recorded where the level records it, or could not be in time. Safe to call twice.
   */
  close(): Promise<void>;
}
