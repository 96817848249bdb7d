import { type ConfigSchema, NO_EFFECT } from '@sluice/core';

/** The configuration of the `json-validation` policy. */
export interface JsonValidationConfig {
  readonly schema?: string;
  readonly schemaSource?: { readonly sourceType: string; readonly staticSchema?: string };
  readonly errorMessage?: string;
  readonly errorContentType: string;
  readonly straightRespondMode: boolean;
}

/** An option that is taken and does nothing. */
const WITHOUT_EFFECT = {
  $comment: NO_EFFECT,
  description: 'Taken as the format has it; has no effect.',
};

/** JSON Schema of {@link JsonValidationConfig}. */
export const JSON_VALIDATION_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
    schema: {
      type: 'string',
      minLength: 1,
      description:
        'The JSON Schema, as text. Its `$schema` names draft-07, which is taken when there is none, draft 2019-09 or draft 2020-12. `format` is not checked.',
    },
    schemaSource: {
      type: 'object',
      additionalProperties: false,
      required: ['sourceType'],
      description: 'The JSON Schema as newer definitions have it, in place of `schema`.',
      properties: {
        sourceType: { type: 'string', description: 'Only `STATIC_SCHEMA` is possible.' },
        staticSchema: { type: 'string', description: 'The JSON Schema, as text.' },
        resourceName: { type: 'string', description: 'Of a schema registry, which is refused.' },
        schemaMapping: { type: 'string', description: 'Of a schema registry, which is refused.' },
      },
    },
    nativeErrorHandling: { type: 'object', default: {}, ...WITHOUT_EFFECT },
    errorMessage: {
      type: 'string',
      description:
        'The text of the answer, sent as it is; may hold expressions. Without it the usual error body says what is wrong.',
    },
    errorContentType: {
      type: 'string',
      minLength: 1,
      default: 'application/json',
      description: 'The type of `errorMessage`.',
    },
    straightRespondMode: {
      type: 'boolean',
      default: false,
      description: 'Whether a message that does not match is handed on to a subscriber nevertheless.',
    },
    validateUnchecked: { type: 'boolean', default: false, ...WITHOUT_EFFECT },
    deepCheck: { type: 'boolean', default: false, ...WITHOUT_EFFECT },
  },
};

/** The schema's text, wherever it stands. @throws Error when there is none */
export function schemaText({ schema, schemaSource }: JsonValidationConfig): string {
  if (schemaSource !== undefined && schemaSource.sourceType !== 'STATIC_SCHEMA') {
    throw new Error(
      `schemaSource: "${schemaSource.sourceType}" is not supported; give the schema itself in "schema"`,
    );
  }
  const text = schemaSource?.staticSchema ?? schema;
  if (text === undefined) throw new Error('the member "schema" is missing');
  return text;
}
