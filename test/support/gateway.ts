import type { EndpointConnector, EndpointPlugin, Plugin } from '@sluice/core';
import { QOS_LEVELS } from '@sluice/core';
import {
  type GatewayConfig,
  loadDefinition,
  type Problem,
  readConfig,
  type StartedGateway,
  startGateway,
} from '@sluice/core/gateway';
import { type RecordingLogger, recordingLogger } from '@sluice/core/testing';
import { onTestFinished } from 'vitest';
import { httpGet, httpPost, mock, sse } from './plugins.js';

/** What a test starts a gateway with. */
export interface TestGatewayOptions {
  readonly apis?: readonly object[];
  /** Beside http-get, http-post, sse and mock. */
  readonly plugins?: readonly Plugin[];
  readonly http?: Partial<GatewayConfig['http']>;
  readonly drainTimeoutMs?: number;
  /** A folder of definitions, as `--apis`. */
  readonly folder?: string;
  readonly strict?: boolean;
  readonly dataDir?: string;
  /** The tags of the gateway. */
  readonly tags?: readonly string[];
  readonly tenant?: string;
  /** What callbacks may reach beside the public internet. */
  readonly allowTargets?: readonly string[];
  readonly telemetry?: GatewayConfig['telemetry'];
  /** Is handed what stops it, where several tests share it; it stops with the test when absent. */
  readonly atEnd?: (stop: () => Promise<void>) => void;
}

/** A gateway with real sockets on free ports of 127.0.0.1; it is stopped when the test ends, unless told otherwise. */
export interface TestGateway extends Pick<StartedGateway, 'port' | 'adminPort' | 'gateway' | 'stop'> {
  readonly url: string;
  readonly adminUrl: string;
  readonly log: RecordingLogger;
  /** What was found wrong with the definitions. */
  readonly problems: readonly Problem[];
}

/** Starts a gateway in this process and deploys the definitions given. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { apis = [], plugins = [], http = {}, folder, strict = false, drainTimeoutMs = 5000 } = options;
  const { atEnd = onTestFinished } = options;
  const base = await readConfig({ port: 0, adminPort: 0, strict, drainTimeoutMs }, {});
  const config = {
    ...base,
    http: { ...base.http, host: '127.0.0.1', ...http },
    ...(folder === undefined ? {} : { apis: folder }),
    ...(options.tags === undefined ? {} : { tags: options.tags }),
    ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    webhook: { allowTargets: options.allowTargets ?? [] },
    ...(options.telemetry === undefined ? {} : { telemetry: options.telemetry }),
  };
  const log = recordingLogger();
  const started = await startGateway({
    config,
    plugins: [httpGet, httpPost, sse, mock, ...plugins],
    environment: {},
    log,
  });
  atEnd(async () => void (await started.stop()));
  const problems = apis.flatMap((api) => started.gateway.deploy(loadDefinition(JSON.stringify(api), {})));
  const url = `http://127.0.0.1:${started.port}`;
  return { ...started, url, adminUrl: `http://127.0.0.1:${started.adminPort}`, log, problems };
}

/** What a test says of an API; the rest is made up. */
export interface ApiOptions {
  readonly id?: string;
  readonly path?: string;
  readonly host?: string;
  readonly qos?: string;
  readonly sse?: object;
  /** The type of the endpoint; `mock` when absent. */
  readonly endpoint?: string;
  readonly configuration?: object;
}

/** A definition with `http-post` and `sse` on one path, over one endpoint. */
export function apiDefinition(options: ApiOptions = {}): object {
  const { id = 'test', path = `/${id}`, qos = 'auto', endpoint = 'mock', configuration = {} } = options;
  const place = { path, ...(options.host === undefined ? {} : { host: options.host }) };
  const entrypoints = [{ type: 'http-post' }, { type: 'sse', qos, configuration: options.sse ?? {} }];
  return {
    id,
    name: id,
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [{ type: 'http', paths: [place], entrypoints }],
    endpointGroups: [
      {
        name: 'group',
        type: endpoint,
        endpoints: [{ name: `${id}-endpoint`, type: endpoint, configuration }],
      },
    ],
  };
}

/** Makes an endpoint that a test holds in its hands into a plugin, under the type `test`. */
export function endpointPlugin(
  endpoint: EndpointConnector,
  more: Partial<EndpointPlugin> = {},
): EndpointPlugin {
  return {
    kind: 'endpoint',
    id: 'test',
    qos: QOS_LEVELS,
    capabilities: ['auto-ack', 'manual-ack', 'recover'],
    schema: { type: 'object', additionalProperties: false },
    create: () => endpoint,
    ...more,
  };
}
