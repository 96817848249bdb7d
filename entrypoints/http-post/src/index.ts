import { defineEntrypoint, type EntrypointConnector, newMessage } from '@sluice/core';
import { splitBody } from './batch.js';
import { HTTP_POST_SCHEMA, type HttpPostConfig } from './config.js';
import { requestHeaders } from './headers.js';
import { several, single } from './receipt.js';

/** One POST is one message, or a batch of them: answered once the endpoint has it (qos `auto`), or once it is queued (`none`). */
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
  schema: HTTP_POST_SCHEMA,
  create: (config): EntrypointConnector => ({
    async handle({ request }, host) {
      const body = await host.body();
      // The format's rule: a POST without a body carries no message.
      if (body.length === 0) return { status: config.successStatus };
      const headers = config.requestHeadersToMessage ? requestHeaders(request.headers) : [];
      const messageOf = (content: Buffer) => newMessage(content, headers, request.timestampMs);
      const batch =
        config.batches.length === 0
          ? undefined
          : splitBody(body, request.headers.get('content-type')?.[0], config);
      if (batch !== undefined) {
        return several(batch.length === 0 ? [] : await host.publish(batch.map(messageOf)), config);
      }
      const [result] = await host.publish([messageOf(body)]);
      if (result?.ok === false) throw result.error;
      return single(result?.storedAt ?? [], config);
    },
  }),
});
