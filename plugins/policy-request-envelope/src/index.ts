import { definePolicy, type Policy } from '@sluice/core';
import { bodyMembers } from './body.js';
import { headersOf, uriArguments } from './request-members.js';

/** The configuration of the `request-envelope` policy. */
export interface RequestEnvelopeConfig {
  readonly forwardMethod: boolean;
  readonly forwardUri: boolean;
  readonly forwardHeaders: boolean;
  readonly forwardBody: boolean;
}

const flag = (value: boolean, description: string) => ({ type: 'boolean', default: value, description });

/**
 * Writes the content of each published message anew, as JSON that tells of the request it came with: what Kong's
 * `kafka-upstream` publishes.
 */
export default definePolicy<RequestEnvelopeConfig>({
  kind: 'policy',
  id: 'request-envelope',
  phases: ['publish'],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      forwardMethod: flag(false, 'Whether the envelope has `method`.'),
      forwardUri: flag(false, 'Whether it has `uri`, with the query, and `uri_args`.'),
      forwardHeaders: flag(false, 'Whether it has `headers`, but for those that prove who the client is.'),
      forwardBody: flag(true, 'Whether it has `body`, with `body_args` and `body_base64` where they apply.'),
    },
  },
  create({ forwardMethod, forwardUri, forwardHeaders, forwardBody }): Policy {
    if (!forwardMethod && !forwardUri && !forwardHeaders && !forwardBody) {
      throw new Error(
        'at least one of forwardMethod, forwardUri, forwardHeaders and forwardBody must be true: the envelope would be empty',
      );
    }
    return {
      async onPublish(message, ctx) {
        const { request } = ctx;
        const envelope = {
          ...(forwardMethod ? { method: request.method } : {}),
          ...(forwardUri ? { uri: request.uri, uri_args: uriArguments(request.query) } : {}),
          ...(forwardHeaders ? { headers: headersOf(ctx) } : {}),
          ...(forwardBody ? await bodyMembers(message, request.headers.get('content-type')?.[0]) : {}),
        };
        const { id, key, headers, timestampMs, metadata, attributes } = message;
        const rest = attributes === undefined ? {} : { attributes };
        const content = Buffer.from(JSON.stringify(envelope));
        return { id, key, content, headers, timestampMs, metadata, ...rest };
      },
    };
  },
});
