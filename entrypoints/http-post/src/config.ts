import type { ConfigSchema } from '@sluice/core';

/** The configuration of the `http-post` entrypoint. */
export interface HttpPostConfig {
  /** Copies the request's headers to the message, but for those of the connection and the client's credentials. */
  readonly requestHeadersToMessage: boolean;
  /** Of an answer that everything is stored. */
  readonly successStatus: number;
  /** Whether the answer says where each message is. */
  readonly receipt: boolean;
  /** Which bodies hold several messages. */
  readonly batches: readonly ('ndjson' | 'json-array')[];
  /** A body with more is refused whole. */
  readonly maxBatchMessages: number;
}

/** JSON Schema of {@link HttpPostConfig}. */
export const HTTP_POST_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    requestHeadersToMessage: {
      type: 'boolean',
      default: false,
      description:
        "Copies the request's headers to the message, but for those of the connection and the client's credentials.",
    },
    successStatus: {
      type: 'integer',
      minimum: 200,
      maximum: 206,
      default: 202,
      description: 'The status of the answer once the endpoint has the message.',
    },
    receipt: {
      type: 'boolean',
      default: false,
      description:
        'Whether the answer says where the message is: topic, partition, offset and id, for each topic.',
    },
    batches: {
      type: 'array',
      default: [],
      uniqueItems: true,
      items: { enum: ['ndjson', 'json-array'] },
      description:
        'Bodies that hold several messages: `ndjson`, a message a line of `application/x-ndjson`; `json-array`, a message an item of an `application/json` body that is an array.',
    },
    maxBatchMessages: {
      type: 'integer',
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'A body with more messages is answered 413, and none of them is published.',
    },
  },
};
