import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Options, ValidateFunction } from 'ajv';

/** What validators are made with. */
export const AJV_OPTIONS: Options = {
  allErrors: true,
  coerceTypes: true,
  useDefaults: true,
  verbose: true,
  strict: true,
  strictRequired: false,
  strictTypes: false,
  // To make the code of validators faster took a tenth of the start; each runs a few times a definition.
  code: { optimize: false },
};

const require = createRequire(import.meta.url);

/**
 * The module that has the validator of a schema, if there is one: the build makes one for each schema of this product
 * (`scripts/compile-schemas.mjs`). It is named by what the schema says, so that a stale one is never found.
 */
export function prebuiltModule(schema: object): string {
  const name = hash('sha256', JSON.stringify([AJV_OPTIONS, schema]));
  return fileURLToPath(new URL(`../prebuilt/${name}.cjs`, import.meta.url));
}

/** The validator that the build made of a schema; undefined when it made none. */
export function prebuiltValidator(schema: object): ValidateFunction | undefined {
  const module = prebuiltModule(schema);
  return existsSync(module) ? (require(module) as ValidateFunction) : undefined;
}
