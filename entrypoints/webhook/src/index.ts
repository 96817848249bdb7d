import { defineSubscriptionEntrypoint, type ExecutionContext, QOS_LEVELS, type Template } from '@sluice/core';
import { checkConfig, PROXY_EXPRESSIONS, WEBHOOK_SCHEMA, type WebhookConfig } from './config.js';
import { runWebhook } from './run.js';
import { Sender } from './sender.js';
import { SUBSCRIBER_SCHEMA, type SubscriberConfig, secretsOf, subscriberFaults } from './subscriber.js';
import { Targets } from './target.js';
import { type Tunnel, tunnelThrough } from './tunnel.js';

/** Webhooks: each message is posted to the callbacks of the API's subscriptions, signed as Standard Webhooks 1.0.0. */
export default defineSubscriptionEntrypoint<WebhookConfig, SubscriberConfig>({
  kind: 'entrypoint',
  id: 'webhook',
  // Without those of TLS, proxies and credentials: a slip in one of them must not go unseen.
  formatOptions: [
    ...[
      'http',
      'connectTimeout',
      'readTimeout',
      'idleTimeout',
      'maxConcurrentConnections',
      'interruptConsumptionOnServerError',
    ],
    ...['interruptConsumptionOnException', 'logging', 'callbackUrl', 'headers', 'retry', 'retryOption'],
    ...['retryStrategy', 'maxAttempts', 'initialDelaySeconds', 'maxDelaySeconds'],
  ],
  listener: 'subscription',
  modes: ['subscribe'],
  qos: QOS_LEVELS,
  carriesCursor: false,
  requires: (qos) => (qos === 'at-least-once' || qos === 'at-most-once' ? ['manual-ack'] : []),
  schema: WEBHOOK_SCHEMA,
  expressions: PROXY_EXPRESSIONS,
  subscriptionSchema: SUBSCRIBER_SCHEMA,
  checkSubscription: subscriberFaults,
  secretsOf,
  create(config, { expressions, allowTargets }) {
    checkConfig(config);
    const targets = new Targets(allowTargets);
    const { type, host = '', port = 0, username = '', password = '' } = config.proxy;
    const [hostText, userText, passwordText] = [host, username, password].map((text) =>
      expressions.template(text),
    ) as [Template, Template, Template];
    const tunnelFor = async (ctx: ExecutionContext): Promise<Tunnel | undefined> => {
      if (!config.proxy.enabled) return undefined;
      const text = async (template: Template) => String((await template.evaluate(ctx)) ?? '');
      return tunnelThrough({
        type,
        host: await text(hostText),
        port,
        username: await text(userText),
        password: await text(passwordText),
      });
    };
    return {
      async run(ctx, subscriber, host) {
        const tunnel = await tunnelFor(ctx);
        const sender = new Sender({
          config,
          subscriber,
          ctx,
          responseHeaders: ctx.response.headers,
          targets,
          ...(tunnel === undefined ? {} : { tunnel }),
          // A server that ends an idle connection just as it is used again leaves it open what it has taken.
          keepAlive: host.qos !== 'at-most-once',
        });
        return await runWebhook({ ctx, host, config, subscriber, sender });
      },
    };
  },
});
