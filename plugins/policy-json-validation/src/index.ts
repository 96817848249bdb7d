import { validateHeaderValue } from 'node:http';
import {
  definePolicy,
  type ExecutionContext,
  type Message,
  type Policy,
  SluiceError,
  textOf,
} from '@sluice/core';
import { compileJsonCheck } from './compile-schema.js';
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
    const check = compileJsonCheck(schemaText(config));
    validateHeaderValue('errorContentType', errorContentType);
    const text = errorMessage === undefined ? undefined : expressions.template(errorMessage);

    const refuse = async (found: string, code: string, message: Message, ctx: ExecutionContext) => {
      const status = code === 'JSON_INVALID_PAYLOAD' ? 400 : 500;
      if (text === undefined) throw new SluiceError('POLICY_INTERRUPTED', { code, status, message: found });
      throw new SluiceError('POLICY_INTERRUPTED', {
        code,
        status,
        message: textOf(await text.evaluate(ctx, message)),
        contentType: errorContentType,
      });
    };
    const problemOf = ({ content }: Message) => (content === null ? undefined : check(content));
    return {
      onPublish(message, ctx) {
        const found = problemOf(message);
        return found === undefined ? message : refuse(found, 'JSON_INVALID_PAYLOAD', message, ctx);
      },
      onSubscribe(message, ctx) {
        const found = problemOf(message);
        if (found === undefined) return message;
        if (!straightRespondMode) return refuse(found, 'JSON_INVALID_RESPONSE_PAYLOAD', message, ctx);
        ctx.log.debug(
          { message: message.id, found },
          'a message that does not match its schema is handed on',
        );
        return message;
      },
    };
  },
});
