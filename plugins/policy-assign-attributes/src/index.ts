import { definePolicy, type ExecutionContext, type Message, type Policy, type Template } from '@sluice/core';

/** The configuration of the `policy-assign-attributes` policy. */
export interface AssignAttributesConfig {
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}

/**
 * Sets attributes, in order: of the exchange in the request and response phases, of the message in the others. One
 * whose value is null or cannot be evaluated is left as it was.
 */
export default definePolicy<AssignAttributesConfig>({
  kind: 'policy',
  id: 'policy-assign-attributes',
  aliases: ['assign-attributes'],
  phases: ['request', 'response', 'publish', 'subscribe'],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
      attributes: {
        type: 'array',
        default: [],
        description: 'What is set, in order.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'value'],
          properties: {
            name: { type: 'string', minLength: 1, description: 'The name of the attribute.' },
            value: { type: 'string', description: 'Its value; an expression keeps its type.' },
          },
        },
      },
    },
  },
  create({ attributes }, { expressions }): Policy {
    const assignments = attributes.map(({ name, value }) => ({ name, value: expressions.template(value) }));
    const onExchange = async (ctx: ExecutionContext) => {
      for (const { name, value } of assignments) {
        await evaluated(value, name, ctx, undefined, (result) => ctx.attributes.set(name, result));
      }
    };
    const onMessage = async (message: Message, ctx: ExecutionContext): Promise<Message> => {
      let changed = message;
      for (const { name, value } of assignments) {
        await evaluated(value, name, ctx, changed, (result) => {
          changed = withAttribute(changed, name, result);
        });
      }
      return changed;
    };
    return { onRequest: onExchange, onResponse: onExchange, onPublish: onMessage, onSubscribe: onMessage };
  },
});

async function evaluated(
  template: Template,
  name: string,
  ctx: ExecutionContext,
  message: Message | undefined,
  use: (result: unknown) => void,
): Promise<void> {
  try {
    const result = await template.evaluate(ctx, message);
    if (result !== null && result !== undefined) use(result);
  } catch (error) {
    ctx.log.debug(
      { attribute: name, err: error },
      'an attribute could not be evaluated and is left as it was',
    );
  }
}

/** A copy with one attribute more, or another value of it. */
function withAttribute(message: Message, name: string, value: unknown): Message {
  const { id, key, content, headers, timestampMs, metadata, attributes } = message;
  return { id, key, content, headers, timestampMs, metadata, attributes: { ...attributes, [name]: value } };
}
