import { randomUUID } from 'node:crypto';
import {
  definePolicy,
  type ExecutionContext,
  type Message,
  type Policy,
  SluiceError,
  type Template,
  textOf,
} from '@sluice/core';
import { CLOUD_EVENTS_SCHEMA, type CloudEventsConfig } from './config.js';
import {
  type Attributes,
  binaryHeaders,
  parseStructured,
  STRUCTURED,
  splitHeaders,
  structured,
  wholeEvent,
} from './event.js';

/**
 * Writes each message as a CloudEvent 1.0, out of its `ce_…` headers and the configuration; a message that is a
 * structured event already keeps its attributes. In binary format a message without a content stays a tombstone.
 */
export default definePolicy<CloudEventsConfig>({
  kind: 'policy',
  id: 'cloud-events',
  formatOptions: 'all',
  aliases: ['policy-cloud-events'],
  phases: ['publish', 'subscribe'],
  schema: CLOUD_EVENTS_SCHEMA,
  create({ format, ...config }, { expressions }): Policy {
    const written = writtenAttributes(config).map(
      ([name, text]) => [name, expressions.template(text)] as const,
    );
    const run = (status: number) => async (message: Message, ctx: ExecutionContext) => {
      const { rest, contentType, attributes } = splitHeaders(message.headers);
      try {
        const whole = message.content !== null && contentType?.toLowerCase().startsWith(STRUCTURED) === true;
        const before = whole
          ? parseStructured(message.content)
          : { event: { ...defaults(message, ctx, contentType), ...attributes }, data: message.content };
        const event = wholeEvent({ ...before.event, ...(await evaluated(written, message, ctx)) });
        const type = event.datacontenttype;
        const { id, key, timestampMs, metadata, attributes: noted } = message;
        const kept = {
          id,
          key,
          timestampMs,
          metadata,
          ...(noted === undefined ? {} : { attributes: noted }),
        };
        return format === 'binary'
          ? { ...kept, content: before.data, headers: [...rest, ...binaryHeaders(event)] }
          : {
              ...kept,
              content: structured(event, before.data, type),
              headers: [...rest, ['content-type', Buffer.from(STRUCTURED)] as const],
            };
      } catch (cause) {
        if (cause instanceof SluiceError) throw cause;
        throw new SluiceError('POLICY_INTERRUPTED', {
          status,
          code: 'CLOUD_EVENT_INVALID',
          message: `The message is not a CloudEvent: ${reasonOf(cause)}`,
          cause,
        });
      }
    };
    // What a client sends may be wrong; what is stored and cannot be an event is no fault of who reads it.
    return { onPublish: run(400), onSubscribe: run(500) };
  },
});

function writtenAttributes(
  config: Omit<CloudEventsConfig, 'format'>,
): readonly (readonly [string, string])[] {
  const { extensions, dataContentType, dataSchema, id, type, source, subject, time } = config;
  const own = { id, type, source, subject, time, datacontenttype: dataContentType, dataschema: dataSchema };
  const named = Object.entries(own).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, text] as const],
  );
  return [...named, ...extensions.map(({ name, value }) => [name, value] as const)];
}

/** An attribute whose expression gives nothing is left to the headers and defaults. */
async function evaluated(
  written: readonly (readonly [string, Template])[],
  message: Message,
  ctx: ExecutionContext,
): Promise<Attributes> {
  const found: Record<string, string> = {};
  for (const [name, template] of written) {
    const text = textOf(await template.evaluate(ctx, message));
    if (text !== '') found[name] = text;
  }
  return found;
}

function defaults(message: Message, ctx: ExecutionContext, contentType: string | undefined): Attributes {
  return {
    specversion: '1.0',
    id: message.id === '' ? randomUUID() : message.id,
    source: ctx.request.contextPath,
    time: new Date(message.timestampMs).toISOString(),
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
  };
}

function reasonOf(cause: unknown): string {
  const { message, errors } = cause as {
    message?: string;
    errors?: readonly { instancePath?: string; message?: string }[];
  };
  const details = (errors ?? []).map((one) => `${(one.instancePath ?? '').slice(1)} ${one.message}`.trim());
  return details.length > 0 ? details.join(', ') : (String(message ?? cause).split('\n')[0] ?? '');
}
