import {
  definePolicy,
  type ExecutionContext,
  type Expressions,
  type Message,
  type Policy,
  SluiceError,
} from '@sluice/core';
import { type BodyPart, splitBody } from './placeholders.js';

/** The configuration of the `policy-assign-content` policy. */
export interface AssignContentConfig {
  readonly body: string;
}

/** What writes one piece of the new content. */
type Writer = (ctx: ExecutionContext, message: Message) => Promise<string>;

/**
 * Writes the content of each message anew from a body with placeholders. A placeholder that has no value, and one that
 * fails, ends that message.
 */
export default definePolicy<AssignContentConfig>({
  kind: 'policy',
  id: 'policy-assign-content',
  formatOptions: 'all',
  aliases: ['assign-content'],
  phases: ['publish', 'subscribe'],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['body'],
    properties: {
      scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
      body: {
        type: 'string',
        description: `The new content, with placeholders: \`\${message.content}\`, \`\${message.headers['x']}\`, \`\${context.attributes['k']}\`, with a default \`\${message.attributes['k']!'none'}\`; or expressions, \`{#...}\` and \`{(...)}\`.`,
      },
    },
  },
  create({ body }, { expressions }): Policy {
    const writers = splitBody(body).map((part) => writerOf(part, expressions));
    const assign = async (message: Message, ctx: ExecutionContext): Promise<Message> => {
      const texts: string[] = [];
      for (const write of writers) texts.push(await write(ctx, message));
      const { id, key, headers, timestampMs, metadata, attributes } = message;
      const rest = attributes === undefined ? {} : { attributes };
      return { id, key, content: Buffer.from(texts.join('')), headers, timestampMs, metadata, ...rest };
    };
    return { onPublish: assign, onSubscribe: assign };
  },
});

function writerOf(part: BodyPart, expressions: Expressions): Writer {
  if ('text' in part) {
    const template = expressions.template(part.text);
    return async (ctx, message) => textOf(await template.evaluate(ctx, message)) ?? '';
  }
  const { placeholder, otherwise } = part;
  const template = expressions.template(`{#${placeholder.replace(/^#/, '')}}`);
  return async (ctx, message) => {
    const text = textOf(await template.evaluate(ctx, message)) ?? otherwise;
    if (text !== undefined) return text;
    throw new SluiceError('GATEWAY_POLICY_INTERNAL_ERROR', {
      cause: new Error(`\${${placeholder}} has no value; with a default it is \${${placeholder}!'...'}`),
    });
  };
}

/** A value as text: the values of a header in a row, objects as JSON; undefined when it is nothing. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
