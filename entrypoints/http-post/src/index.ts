import {
  type CompleteResponse,
  defineEntrypoint,
  type EntrypointConnector,
  type EntrypointHost,
  type Message,
  type MessageHeader,
  newMessage,
  SluiceError,
} from '@sluice/core';
import { splitBody } from './batch.js';
import { HTTP_POST_SCHEMA, type HttpPostConfig } from './config.js';
import { requestHeaders } from './headers.js';
import { several, single } from './receipt.js';

/** One POST is one message, or a batch of them: answered once the endpoint has it (qos `auto`), or once it is queued (`none`). */
export default defineEntrypoint<HttpPostConfig>({
  kind: 'entrypoint',
  id: 'http-post',
  formatOptions: ['requestHeadersToMessage'],
  listener: 'http',
  modes: ['publish'],
  criteria: 1,
  methods: ['POST'],
  matches: ({ method }) => method === 'POST',
  qos: ['none'],
  carriesCursor: false,
  schema: HTTP_POST_SCHEMA,
  create: (config): EntrypointConnector => ({
    handle: (ctx, host) =>
      host.body().then((body) => {
        const { request } = ctx;
        // The format's rule: a POST without a body carries no message.
        if (body.length === 0) return { status: config.successStatus };
        const headers = config.requestHeadersToMessage ? requestHeaders(ctx) : NO_HEADERS;
        const messageOf = (content: Buffer) => newMessage(content, headers, request.timestampMs);
        if (config.batches.length === 0) return publishOne(messageOf(body), host, config);
        return splitBody(body, request.headers.get('content-type')?.[0], config).then((batch) => {
          if (batch === undefined) return publishOne(messageOf(body), host, config);
          return batch.length === 0
            ? several([], config)
            : host.publish(batch.map(messageOf)).then((results) => several(results, config));
        });
      }),
  }),
});

const NO_HEADERS: readonly MessageHeader[] = [];

function publishOne(
  message: Message,
  host: EntrypointHost,
  config: HttpPostConfig,
): Promise<CompleteResponse> {
  return host.publish([message]).then(([result]) => {
    if (result?.ok !== true) throw result?.error ?? new SluiceError('INTERNAL_ERROR');
    return single(result, config);
  });
}
