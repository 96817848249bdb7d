import { type ConfigSchema, NO_EFFECT } from '@sluice/core';

/** The configuration of the `webhook` entrypoint: what holds for all subscriptions of its API. */
export interface WebhookConfig {
  readonly http: {
    /** Milliseconds. */
    readonly connectTimeout: number;
    readonly readTimeout: number;
    readonly idleTimeout: number;
    readonly maxConcurrentConnections: number;
  };
  readonly proxy: {
    readonly enabled: boolean;
    readonly type: 'HTTP' | 'SOCKS4' | 'SOCKS5';
    readonly host?: string;
    readonly port?: number;
    readonly username?: string;
    readonly password?: string;
  };
  readonly interruptConsumptionOnServerError: boolean;
  readonly interruptConsumptionOnException: boolean;
  /** Absent: as `interruptConsumptionOnServerError`. */
  readonly interruptConsumptionOnRefusedMessage?: boolean;
  readonly maxInFlight: number;
}

/** Members that may hold expressions. */
export const PROXY_EXPRESSIONS = ['/proxy/host', '/proxy/username', '/proxy/password'] as const;

const milliseconds = (value: number, description: string) => ({
  type: 'integer',
  minimum: 1,
  maximum: 3_600_000,
  default: value,
  description: `${description} Milliseconds.`,
});
const section = (properties: object) => ({
  type: 'object',
  additionalProperties: false,
  default: {},
  properties,
});
const flag = (value: boolean, description: string) => ({ type: 'boolean', default: value, description });

/** JSON Schema of {@link WebhookConfig}. */
export const WEBHOOK_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    http: section({
      connectTimeout: milliseconds(3000, 'How long a connection may take to be made, TLS included.'),
      readTimeout: milliseconds(10_000, 'How long the answer may take once connected.'),
      idleTimeout: milliseconds(60_000, 'How long an unused connection is kept.'),
      maxConcurrentConnections: {
        type: 'integer',
        minimum: 1,
        maximum: 20,
        default: 5,
        description:
          'Calls at a time to one subscriber. Under at-least-once and at-most-once at most one for each partition, so that order holds.',
      },
    }),
    proxy: section({
      enabled: flag(false, 'Whether callbacks and token endpoints are reached through a proxy.'),
      useSystemProxy: { enum: [false], default: false, description: 'Not there: name the proxy.' },
      type: { enum: ['HTTP', 'SOCKS4', 'SOCKS5'], default: 'HTTP', description: 'What the proxy speaks.' },
      host: { type: 'string', minLength: 1, description: 'Its host. May be an expression.' },
      port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'Its port.' },
      username: { type: 'string', description: 'For a proxy that asks. May be an expression.' },
      password: { type: 'string', description: 'For a proxy that asks. May be an expression.' },
    }),
    interruptConsumptionOnServerError: flag(
      true,
      'A message that the callback refused for good, and that no dead-letter endpoint takes, stops the subscription; false drops the message and goes on.',
    ),
    interruptConsumptionOnException: flag(
      true,
      'The same for a message without an answer, or that a policy failed on.',
    ),
    interruptConsumptionOnRefusedMessage: {
      type: 'boolean',
      description:
        'The same for a message that is itself the cause: the callback answered 400, 413, 414, 415, 422 or 431. Absent, it is as `interruptConsumptionOnServerError`.',
    },
    maxInFlight: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 500,
      description: 'Under at-least-once, how many messages of one subscription are held and not yet settled.',
    },
    logging: { $comment: NO_EFFECT, description: 'Has no effect: calls are not logged.' },
  },
};

/** What the schema cannot say. @throws Error */
export function checkConfig({ proxy }: WebhookConfig): void {
  if (proxy.enabled && (proxy.host === undefined || proxy.port === undefined)) {
    throw new Error('proxy: an enabled proxy needs host and port');
  }
}
