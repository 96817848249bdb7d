import type { ApiDefinition } from '../definition/model.js';

/**
 * Whether something with these tags is for a gateway: one without tags serves all. A tag of the gateway that begins with
 * `!` leaves out what has it.
 * @param gateway the tags of the gateway; absent or empty: it serves all
 */
export function hasMatchingTags(tags: readonly string[], gateway: readonly string[] = []): boolean {
  if (gateway.length === 0) return true;
  const wanted = gateway.filter((tag) => !tag.startsWith('!'));
  const refused = gateway.flatMap((tag) => (tag.startsWith('!') ? [tag.slice(1)] : []));
  if (tags.some((tag) => refused.includes(tag))) return false;
  return wanted.length === 0 || tags.some((tag) => wanted.includes(tag));
}

/** Why this gateway does not serve an API that it could, in words; undefined when it does. */
export function reasonNotServed(
  { state, tags }: Pick<ApiDefinition, 'state' | 'tags'>,
  gateway: readonly string[] | undefined,
): string | undefined {
  if (state === 'stopped') return 'its state is STOPPED';
  if (hasMatchingTags(tags, gateway)) return undefined;
  const own = tags.length === 0 ? 'it has no tags' : `its tags are ${tags.join(', ')}`;
  return `${own}, those of this gateway ${gateway?.join(', ')}`;
}

/** Whether a part of an API (a plan, a flow) is for a gateway: one without tags is for all. */
export function isForGateway(
  { tags }: { readonly tags: readonly string[] },
  gateway: readonly string[] | undefined,
): boolean {
  return tags.length === 0 || hasMatchingTags(tags, gateway);
}
