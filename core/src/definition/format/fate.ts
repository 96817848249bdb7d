/** What becomes of a member of the definition format. */
export type Fate =
  /** It does what the format says; `test` shows it, a path from the root of the repository. */
  | {
      readonly kind: 'honoured';
      readonly about: string;
      readonly test: string;
      /** Values that are warned of all the same, and why. */
      readonly except?: { readonly about: string; when(value: unknown): boolean };
    }
  /** It is for people and tools: by the format itself it changes nothing at run time. */
  | { readonly kind: 'descriptive'; readonly about: string }
  /** It would change something and does not: a value for which `when` is true is warned of, with `about` as the reason. */
  | { readonly kind: 'warned'; readonly about: string; when(value: unknown): boolean };

/**
 * A member and its fate. Paths are `listeners[].paths[].host`: `[]` is each item of a list, `*` each member of an object,
 * the last member includes everything below it.
 */
export type FormatMember = readonly [path: string, fate: Fate];

/** A member that does what the format says. @param test that shows it */
export const honoured = (
  about: string,
  test: string,
  except?: { readonly about: string; when(value: unknown): boolean },
): Fate => ({ kind: 'honoured', about, test, ...(except === undefined ? {} : { except }) });

/** A member that changes nothing at run time. */
export const descriptive = (about: string): Fate => ({ kind: 'descriptive', about });

/** A member that has no effect here. @param when which values are warned of; those that ask for something when absent */
export const warned = (about: string, when: (value: unknown) => boolean = asks): Fate => ({
  kind: 'warned',
  about,
  when,
});

/** Whether a value asks for something: it is not false, not empty, and not switched off by its own `enabled`. */
export function asks(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.some(asks);
  if (typeof value !== 'object') return true;
  const { enabled } = value as { readonly enabled?: unknown };
  return enabled === false || enabled === 'false' ? false : Object.keys(value).length > 0;
}
