import { createRequire } from 'node:module';

/** Checks as an editor does: nothing is coerced, nothing filled in. The problems, or none. */
export type Check = (value: unknown) => readonly string[];

interface Validate {
  (value: unknown): boolean;
  errors?: readonly { instancePath: string; message?: string; params: object }[] | null;
}

/** Compiles a JSON Schema (draft-07). @throws Error when it is not one */
export function editorCheck(schema: object): Check {
  // ajv is a dependency of core alone.
  const fromCore = createRequire(new URL('../../core/package.json', import.meta.url));
  const { Ajv } = fromCore('ajv') as { Ajv: new (options: object) => { compile(schema: object): Validate } };
  const validate = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema);
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
        );
}
