import type { ConfigSchema } from '../contract/config-schema.js';
import { withoutNulls } from '../definition/nulls.js';
import type { SchemaProblem, Validate } from '../definition/validator.js';
import { type ExpressionPlace, expressionPaths } from './expression-paths.js';
import { optionsWithoutEffect } from './options-without-effect.js';

/** Different configurations remembered under one schema; then the one that was remembered first is forgotten. */
const MAX_KNOWN = 200;
/** Characters of the JSON of one that is remembered; a longer one is checked each time. */
const MAX_LENGTH = 4096;

/** What became of a configuration. */
export interface CheckedConfiguration {
  /** With its defaults, scalars coerced. Frozen throughout: APIs that say the same share it. */
  readonly value: Record<string, unknown>;
  /** In which ways it breaks its schema. */
  readonly problems: readonly SchemaProblem[];
  /** Where it holds expressions. */
  readonly expressions: readonly ExpressionPlace[];
}

/**
 * Checks configurations against one schema. A thousand definitions often say but a few different things: what is written
 * in the same words is checked once and kept once, within a bound.
 */
export class ConfigurationCheck {
  readonly #known = new Map<string, CheckedConfiguration>();

  /** @param schema of `validate`, for its marks */
  constructor(
    private readonly validate: Validate,
    private readonly schema: ConfigSchema = {},
  ) {}

  /** @param written what JSON can say; it stays as it is. Members that are null count as absent. */
  check(written: object): CheckedConfiguration {
    const text = JSON.stringify(written);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const value = withoutNulls(JSON.parse(text) as Record<string, unknown>);
    const idle = optionsWithoutEffect(value, this.schema);
    const problems = [...this.validate(value), ...idle];
    const checked = { value: frozen(value), problems, expressions: expressionPaths(value) };
    if (text.length > MAX_LENGTH) return checked;
    if (this.#known.size >= MAX_KNOWN) {
      for (const first of this.#known.keys()) {
        this.#known.delete(first);
        break;
      }
    }
    this.#known.set(text, checked);
    return checked;
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
