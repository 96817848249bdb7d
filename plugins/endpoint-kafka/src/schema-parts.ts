import { textOfForm } from '@sluice/core';
import { TOPIC_NAME } from './topic-name.js';

/** A text. */
export const text = (description: string) => ({ type: 'string', description });

/** A flag with its default. */
export const flag = (value: boolean, description: string) => ({
  type: 'boolean',
  default: value,
  description,
});

/** A whole number with its default and bounds. */
export const integer = (value: number, minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  default: value,
  minimum,
  maximum,
  description,
});

/** A whole number without a default: librdkafka's own holds, or another option decides. */
export const optionalInteger = (minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  minimum,
  maximum,
  description,
});

/** One of some texts, with its default. */
export const choice = (values: readonly string[], value: string, description: string) => ({
  enum: values,
  default: value,
  description,
});

/** An object of options. */
export const section = (properties: Record<string, object>, extra: object = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...extra,
});

/** A list of topics, empty by default. */
export const topics = (description: string) => ({
  type: 'array',
  default: [],
  description,
  items: textOfForm(
    TOPIC_NAME,
    'the name of a topic: up to 249 letters, digits, dots, hyphens and underscores',
  ),
});
