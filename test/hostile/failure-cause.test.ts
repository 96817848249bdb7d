import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { subscription } from '../support/push-api.js';
import { pushGateway } from '../support/push-gateway.js';

test('why a callback is not called tells nothing of the addresses in here', async () => {
  const gateway = await pushGateway(
    new MemoryEndpoint({ messages: numberedMessages(1) }),
    {},
    { allowTargets: [] },
  );
  // A name, so that the address is only what the resolver of this machine says.
  const document = subscription('http://localhost:9/', { retry: { retryOption: 'No Retry' } });
  const { failureCause } = await gateway.untilFailed(await gateway.subscribe(document));
  expect(failureCause).toContain('it has no public address');
  expect(failureCause).not.toMatch(/127\.0\.0\.1|::1/);
});
