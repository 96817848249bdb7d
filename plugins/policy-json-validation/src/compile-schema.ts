import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Says what is wrong with the text of a message; undefined when it matches. */
export type JsonCheck = (content: Buffer) => string | undefined;

// Schemas are those of people, who write members that are no keywords; `format` would need a further library.
const OPTIONS: Options = { strict: false, validateFormats: false, logger: false };

const DRAFTS: Readonly<Record<string, new (options: Options) => Ajv>> = {
  'json-schema.org/draft-07/schema': Ajv,
  'json-schema.org/draft/2019-09/schema': Ajv2019,
  'json-schema.org/draft/2020-12/schema': Ajv2020,
};

const OLD_DRAFT =
  'write it as draft-07: "$id" in place of "id", and numbers in "exclusiveMinimum" and "exclusiveMaximum" in place of true';

/** Compiles a JSON Schema. @throws Error telling what is wrong with it */
export function compileJsonCheck(text: string): JsonCheck {
  const validate = compile(parsed(text));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (content) => {
    let value: unknown;
    try {
      value = JSON.parse(decoder.decode(content));
    } catch {
      return 'The content is not valid JSON';
    }
    return validate(value) ? undefined : describe(validate);
  };
}

function parsed(text: string): object | boolean {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    throw new Error(`schema: this is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof schema === 'boolean') return schema;
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema;
  throw new Error('schema: a JSON Schema is an object, true or false');
}

function compile(schema: object | boolean): ValidateFunction {
  const { $schema, $async } = (typeof schema === 'object' ? schema : {}) as Record<string, unknown>;
  if ($async !== undefined) throw new Error('schema: "$async" is not supported; leave it out');
  const draft = draftOf($schema);
  try {
    return new draft(OPTIONS).compile(schema);
  } catch (cause) {
    throw new Error(`schema: ${(cause as Error).message}`, { cause });
  }
}

function draftOf(name: unknown): new (options: Options) => Ajv {
  if (name === undefined) return Ajv;
  const id = String(name)
    .replace(/^https?:\/\//, '')
    .replace(/#?$/, '');
  const known = Object.hasOwn(DRAFTS, id) ? DRAFTS[id] : undefined;
  if (known !== undefined) return known;
  const old = /draft-0[346]\b/.test(id);
  const wanted = 'draft-07, draft 2019-09 and draft 2020-12 are supported';
  throw new Error(
    `schema: "$schema" is ${JSON.stringify(name)}, but ${old ? `${wanted}; ${OLD_DRAFT}` : wanted}`,
  );
}

function describe({ errors }: ValidateFunction): string {
  const [error] = errors ?? [];
  if (error === undefined) return 'The content does not match its schema';
  const { instancePath, message = 'does not match', params } = error;
  const member = (params as { readonly additionalProperty?: string }).additionalProperty;
  const which = member === undefined ? '' : `: ${JSON.stringify(member)}`;
  return `The content does not match its schema: ${instancePath || 'it'} ${message}${which}`;
}
