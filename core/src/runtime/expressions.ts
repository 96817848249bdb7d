import type { ExecutionContext } from '../contract/context.js';
import type { Message } from '../contract/message.js';
import type { Expressions } from '../contract/policy.js';
import type { ApiDefinition } from '../definition/model.js';
import {
  compileCondition,
  compileTemplate,
  envSecrets,
  expressionScope,
  fileSecrets,
  secretResolver,
} from '../expression/index.js';

/** What expressions may name beside the exchange, the message and the definition. */
export interface ExpressionSources {
  /** The folder of the secrets' provider `file`; without it there is only `env`. */
  readonly secretsFolder?: string;
}

/** The expressions of one API: what they name is found in the exchange, the message and the definition. */
export function apiExpressions(
  definition: ApiDefinition,
  { secretsFolder }: ExpressionSources = {},
): Expressions {
  const files = secretsFolder === undefined ? {} : { file: fileSecrets(secretsFolder) };
  const secrets = secretResolver({ env: envSecrets(), ...files });
  const properties = Object.fromEntries(definition.properties.map(({ key, value }) => [key, value ?? '']));
  const endpoints = definition.endpointGroups.flatMap((group) => group.endpoints.map(({ name }) => name));
  const scope = (ctx: ExecutionContext, message?: Message) =>
    expressionScope({
      ctx,
      response: ctx.response,
      properties,
      endpoints,
      secrets,
      ...(message === undefined ? {} : { message }),
    });
  return {
    template(text) {
      const compiled = compileTemplate(text);
      return { evaluate: (ctx, message) => compiled.evaluate(scope(ctx, message)) };
    },
    condition(text) {
      const compiled = compileCondition(text);
      return { holds: (ctx, message) => compiled.matches(scope(ctx, message)) };
    },
  };
}
