import { type MessagingTelemetry, type Origin, SluiceError } from '@sluice/core';
import type { Position } from '../consumer-listener.js';

/** Records offsets, and tells how long that took, once a topic. @throws what `commit` does */
export async function timed(
  positions: readonly Position[],
  messaging: MessagingTelemetry,
  origin: Origin,
  commit: () => Promise<void>,
): Promise<void> {
  const begunAt = performance.now();
  const tell = (error?: SluiceError) => {
    const seconds = (performance.now() - begunAt) / 1000;
    for (const topic of new Set(positions.map((position) => position.topic)))
      messaging.topic(topic)?.acknowledged(seconds, origin, error?.key);
  };
  try {
    await commit();
    tell();
  } catch (thrown) {
    tell(new SluiceError('ENDPOINT_UNAVAILABLE', { cause: thrown }));
    throw thrown;
  }
}
