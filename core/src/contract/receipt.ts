import type { PublishResult, StoredAt } from './endpoint.js';

/** What a client is told of a message that was taken; the members of its receipt. */
export interface Receipt {
  readonly storedAt: readonly (StoredAt & { readonly id?: string })[];
  readonly queued?: true;
}

/**
 * The receipt of a message that was taken. Where its offset is known it has the id that its readers see
 * (`topic@partition#offset`), which is also a cursor behind it.
 */
export function receiptOf({ storedAt, queued }: Extract<PublishResult, { readonly ok: true }>): Receipt {
  const places = storedAt.map(({ topic, partition, offset }) =>
    offset === undefined
      ? { topic, partition }
      : { topic, partition, offset, id: `${topic}@${partition}#${offset}` },
  );
  return queued === undefined ? { storedAt: places } : { storedAt: places, queued };
}
