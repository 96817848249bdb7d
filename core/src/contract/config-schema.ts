/**
 * A JSON Schema (draft-07) of an object. Its `default`s are filled in before `create` is called. What a definition has as its
 * configuration is frozen then: APIs that write the same share it.
 */
export type ConfigSchema = Readonly<Record<string, unknown>>;

/**
 * A string of a form: how a `ConfigSchema` describes it, and how a value of another form is reported.
 * @param pattern as JSON Schema has it
 * @param words what is wanted, after "must be": `a number of seconds, such as 30s`
 */
export function textOfForm(pattern: string, words: string): ConfigSchema {
  return { type: 'string', pattern, $comment: `${FORM}${words}` };
}

/** Begins the `$comment` of a {@link textOfForm}. */
export const FORM = 'must be ';

/**
 * The `$comment` of an option in a `ConfigSchema` that is taken and does nothing: a definition that sets it gets a
 * warning with the option's description as the reason.
 */
export const NO_EFFECT = 'has no effect';

/** Names of options that the definition format has. */
export type FormatOptions = readonly string[] | 'all';
