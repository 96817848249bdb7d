import { validateHeaderValue } from 'node:http';
import {
  definePolicy,
  type ExecutionContext,
  type MaybePromise,
  type Message,
  type Policy,
  SluiceError,
  textOf,
} from '@sluice/core';
import { ContentCheck, type Finding } from './check-content.js';
import { JSON_VALIDATION_SCHEMA, type JsonValidationConfig, schemaText } from './config.js';

/**
 * Ends messages whose content is not JSON or does not match a schema: published ones with 400, since their client sent
 * them, those to a subscriber with 500. Tombstones have no content to check and pass.
 */
export default definePolicy<JsonValidationConfig>({
  kind: 'policy',
  id: 'json-validation',
  formatOptions: 'all',
  aliases: ['policy-json-validation'],
  phases: ['publish', 'subscribe'],
  schema: JSON_VALIDATION_SCHEMA,
  create(config, { expressions }): Policy {
    const { errorMessage, errorContentType, straightRespondMode } = config;
    const check = new ContentCheck(schemaText(config));
    validateHeaderValue('errorContentType', errorContentType);
    const text = errorMessage === undefined ? undefined : expressions.template(errorMessage);

    const refuse = async (found: Finding, code: string, message: Message, ctx: ExecutionContext) => {
      const status = code === 'JSON_INVALID_PAYLOAD' ? (found.isTooLarge === true ? 413 : 400) : 500;
      if (text === undefined) {
        throw new SluiceError('POLICY_INTERRUPTED', { code, status, message: found.message });
      }
      throw new SluiceError('POLICY_INTERRUPTED', {
        code,
        status,
        message: textOf(await text.evaluate(ctx, message)),
        contentType: errorContentType,
      });
    };
    const refused = (found: Finding, message: Message, ctx: ExecutionContext) => {
      if (!straightRespondMode) return refuse(found, 'JSON_INVALID_RESPONSE_PAYLOAD', message, ctx);
      ctx.log.debug(
        { message: message.id, found: found.message },
        'a message that does not match its schema is handed on',
      );
      return message;
    };
    /** What is decided of a message, at once where its check is done at once. */
    const judged = (
      message: Message,
      ctx: ExecutionContext,
      refusal: (found: Finding) => MaybePromise<Message>,
    ): MaybePromise<Message> => {
      const { content } = message;
      const found = content === null ? undefined : check.of(content, ctx);
      const decide = (problem: Finding | undefined) => (problem === undefined ? message : refusal(problem));
      return found instanceof Promise ? found.then(decide) : decide(found);
    };
    return {
      onPublish: (message, ctx) =>
        judged(message, ctx, (found) => refuse(found, 'JSON_INVALID_PAYLOAD', message, ctx)),
      onSubscribe: (message, ctx) => judged(message, ctx, (found) => refused(found, message, ctx)),
    };
  },
});
