import { type EndpointConnector, type EndpointPlugin, QOS_LEVELS } from '@sluice/core';
import { endpointConformance, recordingLogger } from '@sluice/core/testing';
import mock from '@sluice/endpoint-mock';
import { runConformance } from '../../../test/support/conformance.js';

runConformance(
  endpointConformance({
    open: async ({ messages }) => {
      const config = { messageInterval: 0, messageContent: 'mock', headers: [], metadata: [] };
      const endpoint = created(mock, { ...config, messageCount: messages });
      return { endpoint, stop: () => endpoint.stop(0) };
    },
    numberOf: ({ id }) => Number(id),
    qos: QOS_LEVELS,
    groups: [],
    redelivers: ['balanced', 'at-best', 'at-least-once'],
    roundTrip: false,
    quietMs: 20,
    malformedCursors: ['-2', '1.5', '1e3', '0x1', '+1', '9'.repeat(16), 'NaN', 'one'],
  }),
);

function created(plugin: EndpointPlugin, config: object): EndpointConnector {
  return plugin.create(config, {}, { apiId: 'test', log: recordingLogger() });
}
