import type { ConfigSchema } from '@sluice/core';

/** The configuration of the `mock` endpoint. */
export interface MockConfig {
  /** Milliseconds between messages; 0 sends as fast as they are taken. */
  readonly messageInterval: number;
  readonly messageContent: string;
  /** Messages are counted from 0 to below this number; absent means without end. */
  readonly messageCount?: number;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly metadata: readonly { readonly name: string; readonly value: string }[];
}

const pairs = (description: string) => ({
  type: 'array',
  default: [],
  description,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'value'],
    properties: {
      name: { type: 'string', minLength: 1, description: 'Its name.' },
      value: { type: 'string', description: 'Its value, as text.' },
    },
  },
});

/** JSON Schema of {@link MockConfig}. */
export const MOCK_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    messageInterval: {
      type: 'integer',
      minimum: 0,
      maximum: 86_400_000,
      default: 1000,
      description: 'Milliseconds between messages; 0 sends as fast as they are taken.',
    },
    messageContent: { type: 'string', default: 'mock message', description: 'The content of every message.' },
    messageCount: {
      type: 'integer',
      minimum: 0,
      description: 'Messages are counted from 0 to below this number; without it they do not end.',
    },
    headers: pairs('Headers of every message.'),
    metadata: pairs('Metadata of every message.'),
  },
};
