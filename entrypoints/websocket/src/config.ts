import { type ConfigSchema, textOfForm } from '@sluice/core';

/** The configuration of the `websocket` entrypoint. */
export interface WebSocketConfig {
  readonly publisher: { readonly enabled: boolean };
  readonly subscriber: {
    readonly enabled: boolean;
    /** The kind of frame that carries a content; of no meaning with a subprotocol. */
    readonly frames: 'binary' | 'text' | 'auto';
  };
  /** A longer message of a client closes with 1009; bytes. */
  readonly maxMessageBytes: number;
  /** Origins that may connect, `*` for all; empty: those of the request's own host. */
  readonly allowedOrigins: readonly string[];
  /** A ping is sent this often; a peer that answered none by the next is cut. Milliseconds. */
  readonly heartbeatIntervalMs: number;
  /** A client that takes nothing for this long is closed with 1013. Milliseconds. */
  readonly stallTimeoutMs: number;
  /** Deliveries handed to a client and not settled. */
  readonly maxInFlight: number;
  /** Messages of a client received and not yet stored; above it nothing more is read from its socket. */
  readonly maxPublishing: number;
}

const section = (properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  default: {},
  properties,
});
const integer = (value: number, minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  default: value,
  minimum,
  maximum,
  description,
});

/** JSON Schema of {@link WebSocketConfig}. */
export const WEBSOCKET_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    publisher: section({
      enabled: { type: 'boolean', default: true, description: 'Whether what clients send is published.' },
    }),
    subscriber: section({
      enabled: { type: 'boolean', default: true, description: 'Whether clients are sent messages.' },
      frames: {
        enum: ['binary', 'text', 'auto'],
        default: 'binary',
        description:
          'The kind of frame of a content, without a subprotocol. `text`: what is not UTF-8 closes with 1011; `auto`: text where it is UTF-8, else binary.',
      },
    }),
    maxMessageBytes: integer(
      1_048_576,
      1,
      104_857_600,
      'A longer message of a client closes the connection with 1009; bytes.',
    ),
    allowedOrigins: {
      type: 'array',
      default: [],
      description:
        'Origins that may connect, such as `https://app.example.com`, or `*` for all; empty: pages of the host that the request is for. A request without an Origin comes from no browser and is let in.',
      items: textOfForm(
        '^(\\*|https?://[^/\\s]+)$',
        'an origin such as https://app.example.com, without a path, or *',
      ),
    },
    heartbeatIntervalMs: integer(
      30_000,
      1000,
      3_600_000,
      'A ping is sent this often; a peer from which nothing came until the next is cut. Milliseconds.',
    ),
    stallTimeoutMs: integer(
      30_000,
      1000,
      3_600_000,
      'A client that takes nothing for this long is closed with 1013. Milliseconds.',
    ),
    maxInFlight: integer(
      1000,
      1,
      100_000,
      'Under the levels that settle, how many messages may be sent and not yet taken, or not yet acknowledged.',
    ),
    maxPublishing: integer(
      1000,
      1,
      100_000,
      'Messages of a client received and not yet stored; above it nothing more is read from its socket.',
    ),
  },
};
