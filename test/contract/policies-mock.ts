import { defineEndpoint, type EndpointPlugin, type Message } from '@sluice/core';
import { mock } from '../support/plugins.js';

/** A published message, as texts. */
export interface Published {
  readonly content: string | null;
  readonly headers: readonly string[];
}

/** The mock endpoint under the type `tracked-mock`, which keeps what is published. */
export function trackedMock(
  messageContent: string,
  messageCount: number,
): { readonly plugin: EndpointPlugin; readonly published: () => readonly Published[] } {
  const published: Published[] = [];
  const plugin = defineEndpoint<object, object>({
    ...mock,
    id: 'tracked-mock',
    schema: { type: 'object', additionalProperties: false },
    create(_config, shared, host) {
      const config = { messageInterval: 0, messageContent, messageCount, headers: [], metadata: [] };
      const endpoint = mock.create(config, shared, host);
      return {
        publish: (ctx, messages, options) => {
          published.push(...messages.map(asTexts));
          return endpoint.publish(ctx, messages, options);
        },
        subscribe: (ctx, request) => endpoint.subscribe(ctx, request),
        health: () => endpoint.health(),
        stop: (timeoutMs) => endpoint.stop(timeoutMs),
      };
    },
  });
  return { plugin, published: () => published };
}

const asTexts = ({ content, headers }: Message): Published => ({
  content: content === null ? null : content.toString(),
  headers: headers.map(([name, value]) => `${name}=${value === null ? 'null' : value.toString()}`),
});
