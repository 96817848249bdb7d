import {
  asWritten,
  definePolicy,
  type ExecutionContext,
  type MaybePromise,
  type Message,
  type Policy,
  type Template,
} from '@sluice/core';

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
  formatOptions: 'all',
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
    const assignments = attributes.map(({ name, value: text }) => {
      const value = expressions.template(text);
      return { name, value: LIST.test(name) ? listTemplate(text, value) : value };
    });
    const onExchange = async (ctx: ExecutionContext) => {
      for (const { name, value } of assignments) {
        await evaluated(value, name, ctx, (result) => ctx.attributes.set(name, result));
      }
    };
    const onMessage = (message: Message, ctx: ExecutionContext): MaybePromise<Message> =>
      assignFrom(0, assignments, message, ctx);
    return { onRequest: onExchange, onResponse: onExchange, onPublish: onMessage, onSubscribe: onMessage };
  },
});

/** Attributes that endpoints read as lists. */
const LIST = /\.topics$/;

/** The value of an attribute that is read as a list: no client makes a list of what is written as one text. */
function listTemplate(text: string, template: Template): Template {
  return {
    evaluate(ctx, message) {
      const value = template.evaluate(ctx, message);
      return value instanceof Promise
        ? value.then((later) => asWritten(text, later))
        : asWritten(text, value);
    },
  };
}

interface Assignment {
  readonly name: string;
  readonly value: Template;
}

/** Sets attributes of a message from one on; at once where no value has to be waited for. */
function assignFrom(
  first: number,
  assignments: readonly Assignment[],
  message: Message,
  ctx: ExecutionContext,
): MaybePromise<Message> {
  let changed = message;
  for (let at = first; at < assignments.length; at++) {
    const { name, value } = assignments[at] as Assignment;
    const before = changed;
    const assigned = (result: unknown) =>
      result === null || result === undefined ? before : withAttribute(before, name, result);
    try {
      const result = value.evaluate(ctx, changed);
      if (result instanceof Promise) {
        return result
          .then(assigned, (error: unknown) => {
            leftAsItWas(ctx, name, error);
            return before;
          })
          .then((next) => assignFrom(at + 1, assignments, next, ctx));
      }
      changed = assigned(result);
    } catch (error) {
      leftAsItWas(ctx, name, error);
    }
  }
  return changed;
}

async function evaluated(
  template: Template,
  name: string,
  ctx: ExecutionContext,
  use: (result: unknown) => void,
): Promise<void> {
  try {
    const result = await template.evaluate(ctx);
    if (result !== null && result !== undefined) use(result);
  } catch (error) {
    leftAsItWas(ctx, name, error);
  }
}

function leftAsItWas(ctx: ExecutionContext, attribute: string, err: unknown): void {
  ctx.log.debug({ attribute, err }, 'an attribute could not be evaluated and is left as it was');
}

/** A copy with one attribute more, or another value of it. */
function withAttribute(message: Message, name: string, value: unknown): Message {
  const { id, key, content, headers, timestampMs, metadata, attributes } = message;
  return { id, key, content, headers, timestampMs, metadata, attributes: { ...attributes, [name]: value } };
}
