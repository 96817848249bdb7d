import { compileSchema } from '@sluice/core/gateway';
import { fakeContext, textMessage } from '@sluice/core/testing';
import { onTestFinished } from 'vitest';
import { WEBHOOK_SCHEMA, type WebhookConfig } from '../src/config.js';
import type { Lookup } from '../src/resolver.js';
import { type CallResult, Sender } from '../src/sender.js';
import { SUBSCRIBER_SCHEMA, type SubscriberConfig } from '../src/subscriber.js';
import { Targets } from '../src/target.js';
import type { Tunnel } from '../src/tunnel.js';

/** What a test says of a sender. */
export interface SenderOptions {
  readonly subscriber: object;
  readonly http?: object;
  readonly allow?: readonly string[];
  readonly lookup?: Lookup;
  readonly tunnel?: Tunnel;
}

/** Configurations as the gateway completes them. */
export function complete<T>(schema: object, value: object): T {
  const copy = structuredClone(value);
  const problems = compileSchema(schema)(copy);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return copy as T;
}

/** Sends one message each time it is called; 127.0.0.1 is open unless told otherwise. */
export function senderFor(options: SenderOptions): (body?: string) => Promise<CallResult> {
  const { allow = ['127.0.0.1'], lookup, tunnel } = options;
  const sender = new Sender({
    config: complete<WebhookConfig>(WEBHOOK_SCHEMA, { http: { connectTimeout: 2000, ...options.http } }),
    subscriber: complete<SubscriberConfig>(SUBSCRIBER_SCHEMA, options.subscriber),
    ctx: fakeContext({ subscription: { id: 's', type: 'push', metadata: {} } }),
    responseHeaders: new Map(),
    targets: new Targets(allow),
    ...(lookup === undefined ? {} : { lookup }),
    ...(tunnel === undefined ? {} : { tunnel }),
    keepAlive: true,
  });
  onTestFinished(() => sender.close());
  const never = new AbortController().signal;
  return (body = 'x') => sender.send(textMessage(body, { id: 'm' }), never);
}
