import type { ConfigSchema } from '@sluice/core';

/** A header to write; the value may hold expressions. */
export interface HeaderTemplate {
  readonly name?: string;
  readonly value?: string | null;
}

/** The configuration of the `transform-headers` policy. */
export interface TransformHeadersConfig {
  readonly addHeaders: readonly HeaderTemplate[];
  readonly appendHeaders: readonly HeaderTemplate[];
  readonly removeHeaders: readonly string[];
  readonly whitelistHeaders: readonly string[];
}

const templates = (description: string) => ({
  type: 'array',
  default: [],
  description,
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: { type: 'string', description: 'The name of the header; an empty one is skipped.' },
      value: { type: ['string', 'null'], description: 'Its value; without one it is skipped.' },
    },
  },
});
const names = (description: string) => ({
  type: 'array',
  default: [],
  description,
  items: { type: 'string' },
});

/** JSON Schema of {@link TransformHeadersConfig}. */
export const TRANSFORM_HEADERS_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
    addHeaders: templates('Headers that are set, in place of those of the same name.'),
    appendHeaders: templates('Headers that are added beside those of the same name.'),
    removeHeaders: names('Headers that are removed, after the others were written.'),
    whitelistHeaders: names('When not empty, all other headers are removed.'),
  },
};
