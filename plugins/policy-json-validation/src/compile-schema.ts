import { compilePattern, PatternTimeout } from '@sluice/core';
import { Ajv, type Options, type SchemaValidateFunction, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isRecursive } from './recursion.js';
import { equalItems } from './unique-items.js';

/** A schema, ready for use. */
export interface JsonCheck {
  /** Whether the time of a check may grow faster than the content. */
  readonly isRecursive: boolean;
  /**
   * Says what is wrong with the text of a message; undefined when it matches.
   * @param timeMs what all patterns of the schema together may take
   * @throws PatternTimeout when they take longer
   */
  problemOf(content: Uint8Array, timeMs: number): string | undefined;
}

/** Of one match, where nobody asks for less. */
const MAX_PATTERN_MS = 10_000;
/** Longer names and paths of a content are cut where they are told. */
const SHOWN_CHARS = 200;

const DRAFTS: Readonly<Record<string, new (options: Options) => Ajv>> = {
  'json-schema.org/draft-07/schema': Ajv,
  'json-schema.org/draft/2019-09/schema': Ajv2019,
  'json-schema.org/draft/2020-12/schema': Ajv2020,
};

const OLD_DRAFT =
  'write it as draft-07: "$id" in place of "id", and numbers in "exclusiveMinimum" and "exclusiveMaximum" in place of true';

/** Compiles a JSON Schema. @throws Error telling what is wrong with it */
export function compileJsonCheck(text: string): JsonCheck {
  const schema = parsed(text);
  const patterns = new Patterns();
  const validate = compile(schema, patterns);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return {
    isRecursive: isRecursive(schema),
    problemOf(content, timeMs) {
      let value: unknown;
      try {
        value = JSON.parse(decoder.decode(content));
      } catch {
        return 'The content is not valid JSON';
      }
      patterns.until = performance.now() + timeMs;
      try {
        return validate(value) ? undefined : describe(validate);
      } catch (error) {
        if (error instanceof RangeError) return 'The content is nested too deep';
        throw error;
      }
    },
  };
}

/** The patterns of one schema, matched in linear time, within one time for all. */
class Patterns {
  /** As `performance.now()` has it. */
  until = Number.POSITIVE_INFINITY;

  /** As ajv calls it, which tells patterns apart by their text. */
  readonly engine = Object.assign(
    (pattern: string, flags: string) => {
      const compiled = compilePattern(pattern, { dialect: 'javascript', flags });
      const test = (text: string) => {
        const left = this.until - performance.now();
        if (left <= 0) throw new PatternTimeout(0);
        return compiled.test(text, Math.min(left, MAX_PATTERN_MS));
      };
      return { test, toString: () => `/${pattern}/${flags}` };
    },
    { code: 'compilePattern' },
  );
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

function compile(schema: object | boolean, patterns: Patterns): ValidateFunction {
  const { $schema, $async } = (typeof schema === 'object' ? schema : {}) as Record<string, unknown>;
  if ($async !== undefined) throw new Error('schema: "$async" is not supported; leave it out');
  const draft = draftOf($schema);
  try {
    // Schemas are those of people, who write members that are no keywords; `format` would need a further library.
    const ajv = new draft({
      strict: false,
      validateFormats: false,
      logger: false,
      code: { regExp: patterns.engine },
    });
    ajv.removeKeyword('uniqueItems');
    ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: uniqueItems });
    return ajv.compile(schema);
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
  const which = member === undefined ? '' : `: ${JSON.stringify(shown(member))}`;
  return `The content does not match its schema: ${shown(instancePath) || 'it'} ${message}${which}`;
}

function shown(text: string): string {
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}...` : text;
}

/** In place of ajv's own, which compares each entry with each. */
const uniqueItems: SchemaValidateFunction = (isWanted: boolean, list: readonly unknown[]) => {
  const equal = isWanted ? equalItems(list) : undefined;
  if (equal === undefined) return true;
  const [first, second] = equal;
  const message = `must NOT have duplicate items (items ## ${first} and ${second} are identical)`;
  uniqueItems.errors = [{ keyword: 'uniqueItems', message, params: { i: second, j: first } }];
  return false;
};
