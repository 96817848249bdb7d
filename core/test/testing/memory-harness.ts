import { type EndpointConnector, QOS_LEVELS } from '@sluice/core';
import {
  type EndpointHarness,
  MemoryEndpoint,
  type MemoryEndpointOptions,
  numberedMessages,
  textMessage,
} from '@sluice/core/testing';

/** The harness of a memory endpoint, or of one that `spoil` made out of it. */
export function memoryHarness(
  options: MemoryEndpointOptions,
  spoil: (endpoint: MemoryEndpoint) => EndpointConnector = (endpoint) => endpoint,
): EndpointHarness {
  return {
    open: async ({ messages }) => {
      let stored = messages;
      const start = { messages: numberedMessages(messages), maxContentBytes: 1000 };
      const inner = new MemoryEndpoint({ ...start, ...options });
      const endpoint = spoil(inner);
      return {
        endpoint,
        publishMore: async (count) => {
          for (const message of numberedMessages(count, stored)) inner.append(message);
          stored += count;
        },
        stop: () => inner.stop(),
      };
    },
    numberOf: ({ content }) => Number(String(content)),
    qos: QOS_LEVELS,
    groups: QOS_LEVELS.filter((qos) => qos !== 'none'),
    redelivers: ['balanced', 'at-best', 'at-least-once'],
    roundTrip: true,
    refused: () => textMessage('x'.repeat(1001)),
    malformedCursors: ['-2', '1.5', '0,', ',0', '0,0,0,0,0', 'NaN', '9'.repeat(16)],
    patienceMs: 400,
    quietMs: 15,
  };
}
