import { type ConfigSchema, textOfForm } from '@sluice/core';

/** The configuration of the `http-get` entrypoint. */
export interface HttpGetConfig {
  /** The most messages of a page. */
  readonly messagesLimitCount: number;
  /** How long a page waits for them, from when messages can come; milliseconds. */
  readonly messagesLimitDurationMs: number;
  /** The longest time that `Prefer: wait` may ask for; milliseconds. */
  readonly maxWaitMs: number;
  readonly headersInPayload: boolean;
  readonly metadataInPayload: boolean;
  /** A page ends at this size: bytes as they are sent. */
  readonly maxPageBytes: number;
  /** A client that takes nothing for this long is cut; milliseconds. */
  readonly stallTimeoutMs: number;
  /** The response header that carries the key of a single message. */
  readonly keyHeader: string;
}

const integer = (value: number, minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  default: value,
  minimum,
  maximum,
  description,
});
const flag = (description: string) => ({ type: 'boolean', default: false, description });

/** JSON Schema of {@link HttpGetConfig}. */
export const HTTP_GET_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    messagesLimitCount: integer(
      500,
      1,
      100_000,
      'The most messages of a page; `?limit=` may ask for fewer. A page is sent when it has them.',
    ),
    messagesLimitDurationMs: integer(
      5000,
      0,
      3_600_000,
      "How long a page waits for them, from when messages can come; `Prefer: wait` may say otherwise. It never waits beyond the gateway's `http.requestTimeoutMs`. Milliseconds.",
    ),
    maxWaitMs: integer(
      20_000,
      0,
      3_600_000,
      'The longest time that `Prefer: wait` may ask for; milliseconds.',
    ),
    headersInPayload: flag("Sends each message's headers with it."),
    metadataInPayload: flag("Sends each message's metadata with it."),
    maxPageBytes: integer(
      4_194_304,
      1024,
      67_108_864,
      'A page ends with the message that reaches this size, whatever its count; bytes as they are sent.',
    ),
    stallTimeoutMs: integer(
      30_000,
      1000,
      3_600_000,
      'A client that takes nothing for this long is cut, and nothing of its page is settled. Milliseconds.',
    ),
    keyHeader: {
      ...textOfForm('^[Xx]-[A-Za-z0-9-]{1,60}$', 'the name of a header that begins with X-'),
      default: 'X-Message-Key',
      description:
        'The response header, beginning with X-, that carries the key of a message sent alone (application/octet-stream).',
    },
  },
};
