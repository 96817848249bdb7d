import { fakeContext } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import type { EndpointConnector, Subscription } from '../../../src/index.js';
import { NO_FLOWS } from '../../../src/runtime/flow/flow-engine.js';
import { Pipeline } from '../../../src/runtime/pipeline.js';

test("without steps the entrypoint gets the endpoint's own subscription: nothing is done for a message", async () => {
  const subscription = {} as Subscription;
  const endpoint = { subscribe: async () => subscription } as Partial<EndpointConnector> as EndpointConnector;
  const pipeline = new Pipeline('none', endpoint);
  expect(await pipeline.subscribe(fakeContext(), NO_FLOWS, { maxInFlight: 1 })).toBe(subscription);
});
