import { type ConfigSchema, NO_EFFECT } from '../contract/config-schema.js';
import { asks } from '../definition/format/fate.js';
import type { JsonPath } from '../definition/problem.js';
import type { SchemaProblem } from '../definition/validator.js';

interface OptionSchema {
  readonly $comment?: unknown;
  readonly description?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly items?: OptionSchema;
}

/** The options of a configuration that ask for something and have no effect, as the schema marks them. */
export function optionsWithoutEffect(written: unknown, schema: ConfigSchema): readonly SchemaProblem[] {
  return [...find(written, schema as OptionSchema, [])];
}

function* find(value: unknown, schema: OptionSchema, path: JsonPath): Iterable<SchemaProblem> {
  if (schema.$comment === NO_EFFECT) {
    if (asks(value) && value !== schema.default) {
      const message = String(schema.description ?? 'Has no effect.');
      yield { path, message, unknownMember: false, harmless: true };
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* find(item, schema.items ?? {}, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const known = schema.properties;
      if (known !== undefined && Object.hasOwn(known, name)) {
        yield* find(member, known[name] as OptionSchema, [...path, name]);
      }
    }
  }
}
