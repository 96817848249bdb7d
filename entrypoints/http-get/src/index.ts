import {
  defineEntrypoint,
  type EntrypointConnector,
  type EntrypointHost,
  type EntrypointResponse,
  type ExecutionContext,
  type GapNotice,
  QOS_LEVELS,
} from '@sluice/core';
import { chooseMedia, pageWeight } from './accept.js';
import { type Collected, collect } from './collect.js';
import { HTTP_GET_SCHEMA, type HttpGetConfig } from './config.js';
import { FORMATS } from './format.js';
import { errorItem, payloadOf } from './item.js';
import { type PageRequest, readParameters } from './parameters.js';
import { gapHeaders, messageHeaders } from './record.js';
import { sendPage } from './send.js';

/** Pages of messages over GET: each is one subscription, read until it is full or its time is over. */
export default defineEntrypoint<HttpGetConfig>({
  kind: 'entrypoint',
  id: 'http-get',
  formatOptions: ['messagesLimitCount', 'messagesLimitDurationMs', 'headersInPayload', 'metadataInPayload'],
  listener: 'http',
  modes: ['subscribe'],
  criteria: 1,
  methods: ['GET', 'HEAD'],
  matches: ({ method }) => method === 'GET' || method === 'HEAD',
  preference: pageWeight,
  qos: QOS_LEVELS,
  carriesCursor: true,
  requires: (qos) => (qos === 'at-least-once' || qos === 'at-most-once' ? ['manual-ack', 'recover'] : []),
  schema: HTTP_GET_SCHEMA,
  create: (config): EntrypointConnector => ({ handle: (ctx, host) => answer(config, ctx, host) }),
});

async function answer(
  config: HttpGetConfig,
  ctx: ExecutionContext,
  host: EntrypointHost,
): Promise<EntrypointResponse> {
  const media = chooseMedia(ctx.request.headers.get('accept'));
  const wish = readParameters(ctx.request, config, host.qos);
  const headers = commonHeaders(ctx, wish);
  const alone = media === 'octet-stream';
  const format = alone ? undefined : FORMATS[media];
  const type = { 'Content-Type': format?.contentType ?? 'application/octet-stream' };
  // What GET would begin with, without reading what nobody gets.
  if (ctx.request.method === 'HEAD') return { status: 200, headers: { ...headers, ...type } };

  const gaps: GapNotice[] = [];
  const count = alone ? 1 : wish.count;
  const subscription = await host.subscribe({
    // What a page may hold is the most that is ever handed out for it.
    maxInFlight: count,
    toEnd: true,
    onGap: (gap) => gaps.push(gap),
    ...(wish.cursor === undefined ? {} : { cursor: wish.cursor }),
    ...(wish.since === undefined ? {} : { since: wish.since }),
  });
  try {
    const items: string[] = [];
    const bounds = { count, durationMs: wish.durationMs, maxBytes: config.maxPageBytes };
    const page = await collect(subscription, bounds, host, ctx.signal, (delivery) => {
      if (format === undefined) return delivery.message.content?.length ?? 0;
      const item = format.delivery(delivery, config);
      items.push(item);
      return Buffer.byteLength(item);
    });
    if (page.error !== undefined) logReadError(ctx, page.error);
    const stop = host.stopping.aborted ? { Connection: 'close' } : {};
    const respond = (status: number, more: EntrypointResponse['headers'], body: Buffer) => ({
      status,
      headers: { ...headers, ...stop, ...more },
      stream: (sink: Parameters<typeof sendPage>[0]) =>
        sendPage(sink, body, { deliveries: page.deliveries, subscription }, config.stallTimeoutMs),
    });
    if (format === undefined) {
      const { status, more, body } = oneMessage(page, gaps, type, config);
      if (page.deliveries.length > 0) return respond(status, more, body);
      await subscription.close();
      return { status, headers: { ...headers, ...stop, ...more } };
    }
    const { nextCursor, error } = page;
    const rest = {
      gaps,
      nextCursor: nextCursor ?? wish.cursor ?? null,
      ...(error === undefined ? {} : { error: errorItem(error, ctx.request.id, config) }),
      ...(wish.limit === undefined ? {} : { limit: wish.limit }),
    };
    return respond(200, type, Buffer.from(format.page(items, rest)));
  } catch (error) {
    await subscription.close();
    throw error;
  }
}

/** The answer to who wants one message alone; 204 when none came. @throws SluiceError what ended the reading */
function oneMessage(
  { deliveries, nextCursor, error }: Collected,
  gaps: readonly GapNotice[],
  type: Readonly<Record<string, string>>,
  { keyHeader }: HttpGetConfig,
): {
  readonly status: number;
  readonly more: NonNullable<EntrypointResponse['headers']>;
  readonly body: Buffer;
} {
  const [delivery] = deliveries;
  const told = gapHeaders(gaps);
  if (delivery === undefined) {
    if (error !== undefined) throw error;
    const id = nextCursor === null ? {} : { 'X-Message-Id': nextCursor };
    return { status: 204, more: { ...told, ...id }, body: Buffer.alloc(0) };
  }
  if (delivery.error !== undefined) {
    const id = delivery.cursor === null ? {} : { 'X-Message-Id': delivery.cursor };
    const more = { ...told, ...id, 'Content-Type': 'application/json' };
    const body = Buffer.from(JSON.stringify(payloadOf(delivery.error)));
    return { status: delivery.error.status, more, body };
  }
  const more = { ...messageHeaders(delivery, keyHeader), ...told, ...type };
  return { status: 200, more, body: delivery.message.content ?? Buffer.alloc(0) };
}

function commonHeaders(ctx: ExecutionContext, { waitSeconds }: PageRequest): Record<string, string> {
  return {
    'Cache-Control': 'no-store',
    Vary: 'Accept',
    'X-Content-Type-Options': 'nosniff',
    'X-Gravitee-Client-Identifier': ctx.clientIdentifier,
    ...(waitSeconds === undefined ? {} : { 'Preference-Applied': `wait=${waitSeconds}` }),
  };
}

function logReadError(ctx: ExecutionContext, error: NonNullable<Collected['error']>): void {
  ctx.log[error.level](
    { key: error.key, ...error.logged },
    `a page ends early by an error: ${error.message}`,
  );
}
