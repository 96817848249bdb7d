import type { SubscribeRequest } from '../../contract/delivery.js';
import type { Qos } from '../../contract/qos.js';
import type { EndpointHarness, OpenEndpoint } from '../endpoint-harness.js';
import { fakeContext } from '../fake-context.js';
import { Reader } from '../reader.js';
import { within } from '../wait.js';

/** An endpoint opened for one case. */
export interface CaseEndpoint extends OpenEndpoint {
  /** Subscribes as the case's own client, or as another one where `anotherClient` is true. */
  read(qos: Qos, options?: Partial<SubscribeRequest> & { readonly anotherClient?: boolean }): Promise<Reader>;
}

/** Opens an endpoint, runs the case on it and releases it, with every reader that is still open. */
export async function withEndpoint(
  harness: EndpointHarness,
  messages: number,
  run: (opened: CaseEndpoint) => Promise<void>,
): Promise<void> {
  const opened = await harness.open({ messages });
  const own = fakeContext();
  const readers: Reader[] = [];
  const read: CaseEndpoint['read'] = async (qos, { anotherClient = false, ...options } = {}) => {
    const ctx = anotherClient ? fakeContext() : own;
    const subscribing = opened.endpoint.subscribe(ctx, { qos, maxInFlight: 1000, ...options });
    const subscription = await within(subscribing, harness.patienceMs ?? 5000, 'subscribe()');
    const reader = new Reader(subscription, harness);
    readers.push(reader);
    return reader;
  };
  try {
    await run({ ...opened, read });
  } finally {
    await Promise.allSettled(readers.map((reader) => reader.close()));
    await opened.stop();
  }
}
