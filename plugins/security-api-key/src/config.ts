import { type ConfigSchema, textOfForm } from '@sluice/core';

/** The configuration of the `api-key` security. */
export interface ApiKeyConfig {
  /** Whether policies and expressions see the key that was sent; messages never do. */
  readonly propagateApiKey: boolean;
  readonly header: string;
  readonly queryParameter: string;
}

/** JSON Schema of {@link ApiKeyConfig}. */
export const API_KEY_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    propagateApiKey: {
      type: 'boolean',
      default: false,
      description: 'Whether policies and expressions see the key that was sent; messages never do.',
    },
    header: {
      ...textOfForm('^[A-Za-z0-9-]+$', 'the name of a header: letters, digits and hyphens'),
      default: 'X-Gravitee-Api-Key',
      description: 'The request header that carries the key.',
    },
    queryParameter: {
      type: 'string',
      minLength: 1,
      default: 'api-key',
      description: 'The query parameter that carries it where headers cannot be set.',
    },
  },
};

/** One key of an `*.api-keys.json` file. */
export interface KeyEntry {
  /** Names the subscription: in logs, expressions and the client identifier. */
  readonly id: string;
  /** Of the key's characters as UTF-8, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly application?: string;
  readonly applicationName?: string;
  /** ISO 8601; absent: never. */
  readonly expiresAt?: string;
  readonly revoked: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** JSON Schema of an `*.api-keys.json` file. */
export const KEYS_FILE_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['api', 'plan', 'keys'],
  properties: {
    $schema: { type: 'string' },
    api: { type: 'string', minLength: 1 },
    plan: { type: 'string', minLength: 1 },
    keys: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'sha256'],
        properties: {
          id: { type: 'string', minLength: 1, maxLength: 200 },
          sha256: textOfForm('^[0-9a-fA-F]{64}$', 'a SHA-256 of 64 hexadecimal digits'),
          application: { type: 'string' },
          applicationName: { type: 'string' },
          expiresAt: textOfForm(
            '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
            'a date and time with its zone, such as 2030-12-31T23:59:59Z',
          ),
          revoked: { type: 'boolean', default: false },
          metadata: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
        },
      },
    },
  },
};
