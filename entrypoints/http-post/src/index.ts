import { defineEntrypoint, type EntrypointConnector, newMessage } from '@sluice/core';
import { requestHeaders } from './headers.js';

/** The configuration of the `http-post` entrypoint. */
export interface HttpPostConfig {
  /** Copies the request's headers to the message, but for those of the connection and the client's credentials. */
  readonly requestHeadersToMessage: boolean;
}

/** One POST is one message: 202 once the endpoint has it (qos `auto`), or once it is queued (`none`). */
export default defineEntrypoint<HttpPostConfig>({
  kind: 'entrypoint',
  id: 'http-post',
  listener: 'http',
  modes: ['publish'],
  criteria: 1,
  methods: ['POST'],
  matches: ({ method }) => method === 'POST',
  qos: ['none'],
  carriesCursor: false,
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      requestHeadersToMessage: {
        type: 'boolean',
        default: false,
        description:
          "Copies the request's headers to the message, but for those of the connection and the client's credentials.",
      },
    },
  },
  create: (config): EntrypointConnector => ({
    async handle(ctx, host) {
      const content = await host.body();
      // The format's rule: a POST without a body carries no message.
      if (content.length === 0) return { status: 202 };
      const headers = config.requestHeadersToMessage ? requestHeaders(ctx.request.headers) : [];
      const [result] = await host.publish([newMessage(content, headers, ctx.request.timestampMs)]);
      if (result !== undefined && !result.ok) throw result.error;
      return { status: 202 };
    },
  }),
});
