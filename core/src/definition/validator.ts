import { createRequire } from 'node:module';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { distance } from 'fastest-levenshtein';
import { FORM } from '../contract/config-schema.js';
import { AJV_OPTIONS, prebuiltValidator } from './prebuilt.js';
import { type JsonPath, pointerToPath } from './problem.js';

/** One way in which a value breaks its schema. */
export interface SchemaProblem {
  readonly path: JsonPath;
  readonly message: string;
  /** The value has a member that its schema does not know. */
  readonly unknownMember: boolean;
  /** Of an unknown member: the known one that was probably meant, and whether that one extends the format. */
  readonly meant?: { readonly name: string; readonly extension: boolean };
  /** Whether nothing is wrong but that it does nothing. */
  readonly harmless?: boolean;
}

/** Whether a member is one that the format would not know either, and no slip in one of ours: it is ignored. */
export function isIgnored({ unknownMember, meant }: SchemaProblem): boolean {
  return unknownMember && meant?.extension !== true;
}

/** The `$comment` of a member that the definition format does not have. */
export const EXTENSION = 'an extension of the format';

/** Checks a value against a schema compiled once; fills in its defaults and coerces scalars, in place. */
export type Validate = (value: unknown) => readonly SchemaProblem[];

const require = createRequire(import.meta.url);
let ajv: Ajv | undefined;

/** Made when the build has left a schema to it: the library and its work are a third of a start. */
function compile(schema: object): ValidateFunction {
  if (ajv === undefined) {
    const library = require('ajv') as typeof import('ajv');
    ajv = new library.Ajv(AJV_OPTIONS);
  }
  return ajv.compile(schema);
}

/** As {@link compileSchema}, when it is first used: a fault in the schema shows then. */
export function compileLate(schema: object): Validate {
  let validate: Validate | undefined;
  return (value) => {
    validate ??= compileSchema(schema);
    return validate(value);
  };
}

/** Compiles a schema. Every problem is reported, not only the first. @throws Error when the schema itself is wrong */
export function compileSchema(schema: object): Validate {
  const validate = prebuiltValidator(schema) ?? compile(schema);
  return (value) => {
    if (validate(value)) return [];
    const found = (validate.errors ?? []).filter((error) => !ENVELOPES.has(error.keyword));
    const seen = new Set<string>();
    return found
      .map((error) => toProblem(error))
      .filter(({ path, message }) => {
        const key = `${path.join('/')} ${message}`;
        return !seen.has(key) && seen.add(key);
      });
  };
}

/** Keywords that only say that something below them failed, which is reported itself. */
const ENVELOPES = new Set(['if', 'oneOf', 'anyOf', 'allOf', 'not']);

function toProblem(error: ErrorObject): SchemaProblem {
  const path = pointerToPath(error.instancePath);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const member = String(params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const name = nearest(member, known);
      const properties = error.parentSchema?.properties as Record<string, { $comment?: string }> | undefined;
      const extension = name !== undefined && properties?.[name]?.$comment === EXTENSION;
      return {
        path: [...path, member],
        message: `unknown member "${member}"${suggestion(member, known)}`,
        unknownMember: true,
        ...(name === undefined ? {} : { meant: { name, extension } }),
      };
    }
    case 'required':
      return problem(path, `the member "${String(params.missingProperty)}" is missing`);
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String);
      const near = typeof error.data === 'string' ? nearest(error.data, allowed) : undefined;
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      return problem(path, `${show(error.data)} is not one of ${allowed.join(', ')}${hint}`);
    }
    case 'type':
      return problem(path, `must be ${article(String(params.type))}, not ${show(error.data)}`);
    case 'minItems':
      return problem(path, `needs at least ${String(params.limit)} item${params.limit === 1 ? '' : 's'}`);
    case 'minLength':
      return problem(path, 'must not be empty');
    case 'pattern':
      return problem(path, `${formOf(error.parentSchema)}, not ${show(error.data)}`);
    default:
      return problem(path, `${error.message ?? 'is not valid'} (it is ${show(error.data)})`);
  }
}

const problem = (path: JsonPath, message: string): SchemaProblem => ({ path, message, unknownMember: false });

/** What a pattern asks for, in words: nobody should have to read a regular expression. */
function formOf(schema: object | undefined): string {
  const comment = (schema as { $comment?: unknown } | undefined)?.$comment;
  return typeof comment === 'string' && comment.startsWith(FORM) ? comment : 'must be of another form';
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** The value, short enough for a message; only its kind when it is not a short scalar. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

/** `; did you mean "x"?` when a known word is near enough, else the list of what is known when that is short. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return known.length > 0 && known.length <= 12 ? `; known are ${known.join(', ')}` : '';
}

/** The known word that somebody may have meant: one that differs by two letters, or by a third of them. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best !== undefined && best.far <= Math.max(2, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
}
