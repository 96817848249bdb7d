import type { Message } from '@sluice/core';
import { fakeContext, type MemoryEndpoint } from '@sluice/core/testing';
import { expect, onTestFinished } from 'vitest';
import { endpointPlugin, startTestGateway, type TestGatewayOptions } from './gateway.js';
import { webhook } from './plugins.js';
import { admin, type PushApiOptions, pushApi } from './push-api.js';

const ALL = '/apis/push/subscriptions';
/** How long a test waits for what must come. */
export const PATIENCE = 5000;

/** A gateway with one API that pushes what an endpoint has, to callbacks of this machine. */
export async function pushGateway(
  endpoint: MemoryEndpoint,
  api: PushApiOptions = {},
  more: TestGatewayOptions & { readonly letters?: MemoryEndpoint } = {},
) {
  const { letters, plugins = [], ...rest } = more;
  const endpoints = [
    endpointPlugin(endpoint),
    ...(letters === undefined ? [] : [endpointPlugin(letters, { id: 'letters', modes: () => ['publish'] })]),
  ];
  const gateway = await startTestGateway({
    plugins: [webhook, ...endpoints, ...plugins],
    apis: [
      pushApi({
        ...(letters === undefined ? {} : { endpoints: ['test', 'letters'], dlq: 'letters-endpoint' }),
        ...api,
      }),
    ],
    allowTargets: ['127.0.0.1'],
    ...rest,
  });
  expect(gateway.problems).toEqual([]);
  const status = async (id: string) => (await admin(gateway, 'GET', `${ALL}/${id}`)).body;
  return {
    ...gateway,
    subscribe: async (document: object): Promise<string> => {
      const { status: code, body } = await admin(gateway, 'POST', ALL, document);
      expect(body).toMatchObject({ id: expect.any(String) });
      expect(code).toBe(201);
      return body.id;
    },
    status,
    untilFailed: async (id: string) => {
      const deadline = performance.now() + PATIENCE;
      for (;;) {
        const found = await status(id);
        if (found.consumerStatus === 'FAILURE') return found;
        if (performance.now() > deadline) throw new Error(`not failed: ${JSON.stringify(found)}`);
      }
    },
  };
}

/** The first messages that an endpoint has. */
export const stored = async (endpoint: MemoryEndpoint, count: number): Promise<readonly Message[]> => {
  const reading = await endpoint.subscribe(fakeContext(), { qos: 'none', maxInFlight: 1000 });
  onTestFinished(() => reading.close());
  const found: Message[] = [];
  for await (const batch of reading) {
    found.push(...batch.map(({ message }) => message));
    if (found.length >= count) break;
  }
  return found;
};

/** What numbered messages hold. */
export const texts = (count: number) => Array.from({ length: count }, (_, index) => String(index));
