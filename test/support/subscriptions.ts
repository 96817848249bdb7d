import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MemoryEndpoint } from '@sluice/core/testing';
import { onTestFinished } from 'vitest';
import { folderWith } from './cli.js';
import { endpointPlugin, startTestGateway, type TestGatewayOptions } from './gateway.js';
import { webhook } from './plugins.js';
import { pushApi } from './push-api.js';

/** A folder that is removed when the test ends. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A gateway whose API is deployed from a file, so that it is there before subscriptions are. */
export async function gatewayWith(
  endpoint: MemoryEndpoint,
  files: Readonly<Record<string, object>> = {},
  more: TestGatewayOptions & { readonly plans?: readonly object[] } = {},
) {
  const { plans, ...rest } = more;
  const api = pushApi(plans === undefined ? {} : { plans });
  return await startTestGateway({
    plugins: [webhook, endpointPlugin(endpoint)],
    folder: await folderWith({ 'push.api.json': api, ...files }),
    allowTargets: ['127.0.0.1'],
    ...rest,
  });
}
