import type {
  Delivery,
  EndpointConnector,
  PublishResult,
  SubscribeRequest,
  Subscription,
} from '@sluice/core';

type Batches = AsyncIterable<readonly Delivery[]>;

/** What a spoiled endpoint does in place of the sound one; whatever is absent stays sound. */
export interface Spoil {
  readonly request?: (request: SubscribeRequest) => SubscribeRequest;
  readonly subscription?: (inner: Subscription, request: SubscribeRequest) => Partial<Subscription>;
  readonly batches?: (inner: Batches, request: SubscribeRequest) => Batches;
  readonly delivery?: (inner: Delivery, request: SubscribeRequest) => Delivery;
  readonly results?: (results: readonly PublishResult[]) => readonly PublishResult[];
  readonly stop?: (inner: EndpointConnector) => Promise<void>;
}

/** An endpoint that breaks its contract in one way. */
export function spoiled(inner: EndpointConnector, spoil: Spoil): EndpointConnector {
  return {
    publish: async (ctx, messages, options) => {
      const results = await inner.publish(ctx, messages, options);
      return spoil.results?.(results) ?? results;
    },
    subscribe: async (ctx, asked) => {
      const request = spoil.request?.(asked) ?? asked;
      return spoilSubscription(await inner.subscribe(ctx, request), spoil, asked);
    },
    health: () => inner.health(),
    stop: (timeoutMs) => spoil.stop?.(inner) ?? inner.stop(timeoutMs),
  };
}

function spoilSubscription(inner: Subscription, spoil: Spoil, request: SubscribeRequest): Subscription {
  const each = async function* (): Batches {
    for await (const batch of inner) {
      yield batch.map((delivery) => spoil.delivery?.(delivery, request) ?? delivery);
    }
  };
  const batches = { [Symbol.asyncIterator]: () => each()[Symbol.asyncIterator]() };
  return {
    startCursor: inner.startCursor,
    close: () => inner.close(),
    [Symbol.asyncIterator]: () => (spoil.batches?.(batches, request) ?? batches)[Symbol.asyncIterator](),
    ...spoil.subscription?.(inner, request),
  };
}
