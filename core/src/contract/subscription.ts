import type { ExecutionContext } from './context.js';
import type { SubscribeRequest, Subscription } from './delivery.js';
import type { PublishResult } from './endpoint.js';
import type { SluiceError } from './errors.js';
import type { Message } from './message.js';
import type { Qos } from './qos.js';

/** What was tried with one message so far. */
export interface Attempts {
  /** Failed deliveries, 1 or more. */
  readonly count: number;
  /** When the first of them was; milliseconds since the epoch. */
  readonly sinceMs: number;
}

/**
 * How often each message of one subscription was tried, kept over restarts where the gateway has a data folder, so
 * that a message's budget is not begun anew. At most 1,000 messages are remembered; of more the oldest is forgotten.
 */
export interface AttemptLog {
  /** Undefined when no failed delivery of this message is known. */
  get(messageId: string): Attempts | undefined;
  /** Resolves once it is kept as safely as this gateway can; never rejects. */
  set(messageId: string, attempts: Attempts): Promise<void>;
  /** The message is done with. */
  forget(messageId: string): void;
}

/** What a push entrypoint may ask of the gateway for one subscription. */
export interface SubscriptionHost {
  /** The level agreed for this entrypoint when the API was deployed. */
  readonly qos: Qos;
  /**
   * Reads the API's messages through the flows of the subscription's plan and of the API.
   * @throws SluiceError as the endpoint's `subscribe`: let it go through, the gateway runs the subscription again
   */
  subscribe(request: Omit<SubscribeRequest, 'qos'>): Promise<Subscription>;
  /**
   * Stores a message that cannot be delivered where the definition's `dlq` says, acknowledged by the store; absent
   * when the definition has none. Its flows do not run.
   */
  readonly deadLetter?: (message: Message) => Promise<PublishResult>;
  readonly attempts: AttemptLog;
  /**
   * The id of a message that the subscription's owner gave up when it was resumed: to be settled without delivering it.
   * Absent when there is none.
   */
  readonly skip?: string;
  /**
   * Aborted when the subscription is to stop: begin nothing new, finish what is in flight, leave the rest unsettled.
   * The context's signal is aborted when the time for that is over.
   */
  readonly stopping: AbortSignal;
}

/**
 * How a run ended: `stopped` because it was asked to, `finished` because the endpoint has nothing more, `failed` for
 * good, with the reason its owner is shown, and the id of the message that could not be delivered, if one it was.
 */
export type RunEnd =
  | { readonly ended: 'stopped' | 'finished' }
  | { readonly ended: 'failed'; readonly reason: SluiceError; readonly message?: string };

/** A running push entrypoint of one deployed API. */
export interface SubscriptionConnector<Subscriber = unknown> {
  /**
   * Delivers to one subscriber until it ends. Several run at once, each by itself.
   * @param subscriber its configuration, valid by the plugin's `subscriptionSchema`
   * @throws SluiceError of the endpoint: the gateway waits and runs it again, without an end
   */
  run(ctx: ExecutionContext, subscriber: Subscriber, host: SubscriptionHost): Promise<RunEnd>;
}
