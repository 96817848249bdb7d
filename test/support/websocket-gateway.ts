import type { Message } from '@sluice/core';
import type { faultyEndpoint } from '@sluice/core/testing';
import interrupt from '../../plugins/policy-interrupt/src/index.js';
import apiKey from '../../plugins/security-api-key/src/index.js';
import { endpointPlugin, startTestGateway } from './gateway.js';
import { websocket } from './plugins.js';

/** What a test changes of it. */
export interface WebSocketSetup {
  readonly qos?: string;
  readonly configuration?: object;
  readonly api?: object;
  readonly drainTimeoutMs?: number;
  readonly modes?: readonly ('publish' | 'subscribe')[];
}

/** A gateway with one path of all entrypoints, over an endpoint that the test holds. */
export async function gatewayOver(endpoint: ReturnType<typeof faultyEndpoint>, setup: WebSocketSetup = {}) {
  const { qos = 'none', configuration = {}, api = {}, drainTimeoutMs = 5000, modes } = setup;
  const definition = {
    id: 'ws',
    name: 'ws',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [
      {
        type: 'http',
        paths: [{ path: '/ws' }],
        entrypoints: [
          { type: 'websocket', qos, configuration },
          { type: 'http-post' },
          { type: 'sse' },
          { type: 'http-get' },
        ],
      },
    ],
    endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
    ...api,
  };
  const plugin = endpointPlugin(endpoint, modes === undefined ? {} : { modes: () => modes });
  const gateway = await startTestGateway({
    apis: [definition],
    plugins: [websocket, interrupt, apiKey, plugin],
    drainTimeoutMs,
  });
  return { ...gateway, ws: `${gateway.url}/ws` };
}
/** The subprotocol of envelopes. */
export const JSON_V1 = { protocol: 'sluice.json.v1' };
/** Contents as texts. */
export const contents = (messages: readonly Message[]) =>
  messages.map(({ content }) => content?.toString() ?? null);
