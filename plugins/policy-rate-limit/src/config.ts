import { type ConfigSchema, NO_EFFECT } from '@sluice/core';

/** The configuration of the `rate-limit` policy. */
export interface RateLimitConfig {
  readonly addHeaders: boolean;
  readonly rate: {
    readonly limit: number;
    readonly dynamicLimit?: string;
    readonly periodTime: number;
    readonly periodTimeUnit: 'SECONDS' | 'MINUTES';
    readonly dynamicPeriodTime?: string;
    readonly key: string;
    readonly useKeyOnly: boolean;
  };
}

/** An option that is taken and does nothing. */
const WITHOUT_EFFECT = {
  $comment: NO_EFFECT,
  description: 'Has no effect: each gateway counts for itself, in memory.',
};

/** JSON Schema of {@link RateLimitConfig}. */
export const RATE_LIMIT_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['rate'],
  properties: {
    async: { type: 'boolean', default: false, ...WITHOUT_EFFECT },
    errorStrategy: { type: 'string', default: 'FALLBACK_PASS_TROUGH', ...WITHOUT_EFFECT },
    addHeaders: {
      type: 'boolean',
      default: true,
      description:
        'Whether the answer has the headers `X-Rate-Limit-Limit`, `X-Rate-Limit-Remaining` and `X-Rate-Limit-Reset` (milliseconds since the epoch).',
    },
    rate: {
      type: 'object',
      additionalProperties: false,
      description: 'How many in which time.',
      properties: {
        limit: {
          type: 'integer',
          minimum: 0,
          default: 0,
          description: 'How many requests or messages one key may have in a period; with 0, `dynamicLimit`.',
        },
        dynamicLimit: {
          type: 'string',
          description: 'An expression that gives the limit, when `limit` is 0.',
        },
        periodTime: { type: 'integer', minimum: 1, default: 1, description: 'How long a period is.' },
        periodTimeUnit: {
          enum: ['SECONDS', 'MINUTES'],
          default: 'SECONDS',
          description: 'The unit of `periodTime`.',
        },
        dynamicPeriodTime: {
          type: 'string',
          description: 'An expression that gives the period in seconds, in place of the two.',
        },
        key: {
          type: 'string',
          default: '',
          description:
            'What is counted apart, beside plan and client; may hold expressions. A client is its subscription, or else its address.',
        },
        useKeyOnly: {
          type: 'boolean',
          default: false,
          description: 'Whether `key` alone is what is counted apart, over all plans and clients.',
        },
      },
    },
  },
};
