import type { Consumer } from './consumer.js';
import type { ReaderParts } from './reader-parts.js';

const LOOK_MS = 5000;

/**
 * Looks every few seconds whether a reader's consumer was made with certificates that have since been replaced, and
 * has `renew` put another in its place; a failure is tried again. Returns what ends it.
 */
export function renewConsumers(
  { cluster, log }: ReaderParts,
  consumer: () => Consumer | undefined,
  renew: () => Promise<void>,
): () => void {
  let timer = setTimeout(look, LOOK_MS);
  let ended = false;
  async function look(): Promise<void> {
    try {
      // The cluster's own client has been let in with the new ones by then.
      if (cluster.health.status === 'up' && consumer()?.isOutdated() === true) await renew();
    } catch (error) {
      log.warn({ err: error }, 'a kafka consumer could not be made with the new certificates yet');
    }
    if (!ended) timer = setTimeout(look, LOOK_MS);
  }
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
