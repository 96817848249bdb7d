/** Whether a subscription may be used at all. Only an `ACCEPTED` one runs. */
export const SUBSCRIPTION_STATUSES = ['ACCEPTED', 'PENDING', 'REJECTED', 'PAUSED', 'CLOSED'] as const;
/** How its consumer fares: `FAILURE` stays until it is resumed. */
export const CONSUMER_STATUSES = ['STARTED', 'STOPPED', 'FAILURE'] as const;

export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];
export type ConsumerStatus = (typeof CONSUMER_STATUSES)[number];

/** What its owner says of a subscription. */
export interface SubscriptionWish {
  readonly api: string;
  /** A push plan of the API; absent when it has none. */
  readonly plan?: string;
  readonly application?: string;
  /** The type of the push entrypoint that serves it, such as `webhook`. */
  readonly entrypointId: string;
  /** What flows are selected by; starts with a slash. */
  readonly channel: string;
  /** As the entrypoint's `subscriptionSchema` describes it, defaults filled in, secrets in clear. */
  readonly entrypointConfiguration: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** ISO 8601; absent means at once, and without an end. */
  readonly startingAt?: string;
  readonly endingAt?: string;
}

/** What has become of a subscription. */
export interface SubscriptionState {
  readonly status: SubscriptionStatus;
  readonly consumerStatus: ConsumerStatus;
  /** Why the consumer is in `FAILURE`, fit for its owner. */
  readonly failureCause?: string;
  /** The id of the message that it failed on; absent when it failed for another reason. */
  readonly failedMessage?: string;
  /** The id of the message that its owner gave up when it was resumed last; absent when there was none. */
  readonly skip?: string;
}

/** One subscription. */
export interface SubscriptionRecord extends SubscriptionWish, SubscriptionState {
  /** Unique in the gateway; on Kafka it names the consumer group. */
  readonly id: string;
  /** `file` when a file declares it: then it is changed there. */
  readonly origin: 'api' | 'file';
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An id that can be a file's name everywhere, and a part of a path. */
export const SUBSCRIPTION_ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
