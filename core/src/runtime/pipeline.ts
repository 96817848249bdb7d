import type { ExecutionContext } from '../contract/context.js';
import type { SubscribeRequest, Subscription } from '../contract/delivery.js';
import type { EndpointConnector, PublishResult } from '../contract/endpoint.js';
import { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import type { Qos } from '../contract/qos.js';

/**
 * The way of messages between an entrypoint and the endpoint it was bound to when the API was deployed. This is
 * where flows of policies stand, between the two sides; an API without flows has nothing on the way.
 */
export class Pipeline {
  constructor(
    readonly qos: Qos,
    private readonly endpoint: EndpointConnector,
  ) {}

  /** @throws SluiceError when the endpoint breaks its promise of one result a message */
  async publish(ctx: ExecutionContext, messages: readonly Message[]): Promise<readonly PublishResult[]> {
    const results = await this.endpoint.publish(ctx, messages, { qos: this.qos });
    if (results.length !== messages.length) {
      const cause = new Error(`the endpoint gave ${results.length} results for ${messages.length} messages`);
      throw new SluiceError('INTERNAL_ERROR', { cause });
    }
    return results;
  }

  subscribe(ctx: ExecutionContext, request: Omit<SubscribeRequest, 'qos'>): Promise<Subscription> {
    return this.endpoint.subscribe(ctx, { ...request, qos: this.qos });
  }
}
