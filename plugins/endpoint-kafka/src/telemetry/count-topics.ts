import type { MessagingTelemetry } from '@sluice/core';
import type { RecordMessage } from '../record.js';

/** Counts records as read. Those of one topic come together, so each run of them is counted at once. */
export function countConsumed(messaging: MessagingTelemetry, records: readonly RecordMessage[]): void {
  let from = 0;
  for (let at = 1; at <= records.length; at++) {
    const { topic } = records[from] as RecordMessage;
    if (records[at]?.topic === topic) continue;
    messaging.topic(topic)?.consumed(at - from);
    from = at;
  }
}
