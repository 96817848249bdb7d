import { LookupView } from './view.js';

const PREFIX = 'gravitee.attribute.';

/** Attributes by their key, or by what follows `gravitee.attribute.` in it. */
export function attributesView(attributes: ReadonlyMap<string, unknown>): LookupView {
  return new LookupView(
    (name) => attributes.get(name) ?? attributes.get(PREFIX + name),
    () => attributes.keys(),
  );
}
