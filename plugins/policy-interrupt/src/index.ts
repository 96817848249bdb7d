import { validateHeaderValue } from 'node:http';
import {
  definePolicy,
  type ExecutionContext,
  type Message,
  type Policy,
  SluiceError,
  textOf,
} from '@sluice/core';

/** The configuration of the `policy-interrupt` policy. */
export interface InterruptConfig {
  readonly errorKey: string;
  readonly message: string;
  readonly statusCode: number;
  readonly contentType?: string;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

/** Ends the request, or the message, with a status, key and text of the definition's own. */
export default definePolicy<InterruptConfig>({
  kind: 'policy',
  id: 'policy-interrupt',
  aliases: ['interrupt'],
  phases: ['request', 'response', 'publish', 'subscribe'],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
      errorKey: {
        type: 'string',
        minLength: 1,
        default: 'POLICY_INTERRUPTED',
        description: 'The key that the client is shown and response templates are chosen by.',
      },
      message: { type: 'string', default: 'Interrupted by a policy', description: 'The text of the answer.' },
      statusCode: {
        type: 'integer',
        minimum: 300,
        maximum: 599,
        default: 500,
        description: 'The HTTP status of the answer.',
      },
      contentType: {
        type: 'string',
        minLength: 1,
        description: 'Sends the text as it is, with this type, in place of the usual error body.',
      },
      variables: {
        type: 'array',
        default: [],
        description: 'What response templates find as `parameters`; values may hold expressions.',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string', description: 'The name of the variable.' },
            value: { type: 'string', description: 'Its value.' },
          },
          required: ['name', 'value'],
        },
      },
    },
  },
  create({ errorKey, message, statusCode, contentType, variables }, { expressions }): Policy {
    if (contentType !== undefined) validateHeaderValue('contentType', contentType);
    const text = expressions.template(message);
    const values = variables.map(({ name, value }) => ({ name, template: expressions.template(value) }));
    const interrupt = async (ctx: ExecutionContext, about?: Message): Promise<never> => {
      const parameters: Record<string, unknown> = {};
      for (const { name, template } of values) parameters[name] = await template.evaluate(ctx, about);
      throw new SluiceError('POLICY_INTERRUPTED', {
        parameters,
        code: errorKey,
        status: statusCode,
        message: textOf(await text.evaluate(ctx, about)),
        ...(contentType === undefined ? {} : { contentType }),
      });
    };
    return {
      onRequest: (ctx) => interrupt(ctx),
      onResponse: (ctx) => interrupt(ctx),
      onPublish: (about, ctx) => interrupt(ctx, about),
      onSubscribe: (about, ctx) => interrupt(ctx, about),
    };
  },
});
