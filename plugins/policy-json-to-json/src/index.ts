import { definePolicy, type ExecutionContext, type Message, type Policy, SluiceError } from '@sluice/core';
import { assertJsonata } from './specification.js';

/** The configuration of the `json-to-json` policy. */
export interface JsonToJsonConfig {
  readonly specification: string;
  readonly overrideContentType: boolean;
}

/**
 * Writes the content of each message anew, as a JSONata mapping of what it was. What is not JSON, or gives nothing,
 * ends that message. Tombstones have no content to map and pass.
 */
export default definePolicy<JsonToJsonConfig>({
  kind: 'policy',
  id: 'json-to-json',
  formatOptions: 'all',
  aliases: ['policy-json-to-json'],
  phases: ['publish', 'subscribe'],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['specification'],
    properties: {
      scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
      specification: {
        type: 'string',
        minLength: 1,
        description:
          'The mapping, in JSONata: `{ "name": customer.name }`. Of a content that is a list, each item is mapped.',
      },
      overrideContentType: {
        type: 'boolean',
        default: true,
        description: 'Whether the message says afterwards that its `Content-Type` is `application/json`.',
      },
    },
  },
  create({ specification, overrideContentType }, { expressions }): Policy {
    assertJsonata(specification);
    const mapping = expressions.template(`{(message.json.(${specification}))}`);

    const mapped = async (message: Message, content: Buffer, ctx: ExecutionContext, refused: Refusal) => {
      let result: unknown;
      try {
        result = await mapping.evaluate(ctx, message);
      } catch (error) {
        // What is too large, or must wait, is not looked at here.
        const isJudged = error instanceof SluiceError && (error.status === 413 || error.status === 503);
        throw isJudged || isJson(content) ? error : new SluiceError('POLICY_INTERRUPTED', refused);
      }
      if (result !== null && result !== undefined) return Buffer.from(JSON.stringify(result));
      throw new SluiceError('GATEWAY_POLICY_INTERNAL_ERROR', {
        cause: new Error('the mapping of json-to-json gives nothing for this message'),
      });
    };
    const run = (refused: Refusal) => async (message: Message, ctx: ExecutionContext) => {
      const { id, key, timestampMs, metadata, attributes } = message;
      if (message.content === null) return message;
      const content = await mapped(message, message.content, ctx, refused);
      const rest = attributes === undefined ? {} : { attributes };
      const headers = overrideContentType ? withContentType(message.headers) : message.headers;
      return { id, key, content, headers, timestampMs, metadata, ...rest };
    };
    return { onPublish: run(OF_CLIENT), onSubscribe: run(OF_STORE) };
  },
});

/** What is said of a content that is not JSON. */
interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

const message = 'The content is not valid JSON';
const OF_CLIENT: Refusal = { code: 'JSON_INVALID_PAYLOAD', status: 400, message };
const OF_STORE: Refusal = { code: 'JSON_INVALID_RESPONSE_PAYLOAD', status: 500, message };

function withContentType(headers: Message['headers']): Message['headers'] {
  const others = headers.filter(([name]) => name.toLowerCase() !== 'content-type');
  return [...others, ['Content-Type', Buffer.from('application/json')]];
}

function isJson(content: Buffer): boolean {
  try {
    JSON.parse(content.toString());
    return true;
  } catch {
    return false;
  }
}
