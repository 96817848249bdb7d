import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { EndpointHealth } from '../contract/endpoint.js';
import type { Logger } from '../contract/logger.js';
import type { RunningApi, RunningEndpoint } from '../runtime/deploy.js';
import type { Gateway, UnservedApi } from '../runtime/gateway.js';
import type { Subscriptions } from '../subscription/subscriptions.js';
import type { GatewayTelemetry } from '../telemetry/telemetry.js';
import { subscriptionRoutes } from './subscription-routes.js';

/** What the management API shows. */
export interface AdminParts {
  readonly gateway: Gateway;
  readonly isReady: () => boolean;
  readonly telemetry: GatewayTelemetry;
  readonly subscriptions: Subscriptions;
  readonly log: Logger;
}

/**
 * The management API: what is deployed, and the subscriptions, which it alone changes. It has no authentication and
 * belongs on a private address.
 */
function adminApp({ gateway, isReady, telemetry, subscriptions, log }: AdminParts): Hono {
  const app = new Hono();
  app.get('/health/live', (c) => c.json({ status: 'up' }));
  app.get('/health/ready', (c) => {
    const ready = isReady();
    return c.json({ status: ready ? 'up' : 'down', apis: gateway.apis.map(describe) }, ready ? 200 : 503);
  });
  const apis = () => [...gateway.apis.map(describe), ...gateway.unserved.map(describeUnserved)];
  app.get('/health/details', (c) => {
    const whole = isReady() && !gateway.unserved.some(({ state }) => state === 'failed');
    return c.json({ status: whole ? 'up' : isReady() ? 'degraded' : 'down', apis: apis() });
  });
  app.get('/apis', (c) => c.json(apis()));
  app.get('/apis/:id', (c) => {
    const api = gateway.apis.find(({ id }) => id === c.req.param('id'));
    if (api !== undefined) return c.json(describe(api));
    const unserved = gateway.unserved.find(({ id }) => id === c.req.param('id'));
    if (unserved !== undefined) return c.json(describeUnserved(unserved));
    return c.json({ message: 'No API with this id is deployed', http_status_code: 404 }, 404);
  });
  app.get('/apis/:id/endpoints/:name/statistics', (c) => {
    const api = gateway.apis.find(({ id }) => id === c.req.param('id'));
    const found = api?.endpoints.find(({ name }) => name === c.req.param('name'));
    const clients = found?.connector.statistics?.();
    if (clients !== undefined) return c.json({ clients });
    return c.json({ message: noStatistics(api, found), http_status_code: 404 }, 404);
  });
  app.get('/metrics', async (c) => {
    const text = await telemetry.text();
    if (text !== undefined) return c.body(text.body, 200, { 'Content-Type': text.type });
    const message = 'Metrics are switched off: set telemetry.metrics of the configuration file to true';
    return c.json({ message, http_status_code: 404 }, 404);
  });
  app.route('/', subscriptionRoutes(subscriptions));
  app.onError((error, c) => {
    log.error(
      { method: c.req.method, path: c.req.path, err: error },
      'a request of the management API failed',
    );
    return c.json(
      { message: 'This failed inside the gateway; its log has the reason', http_status_code: 500 },
      500,
    );
  });
  app.notFound((c) => c.json({ message: 'The management API has no such path', http_status_code: 404 }, 404));
  return app;
}

function noStatistics(api: RunningApi | undefined, endpoint: RunningEndpoint | undefined): string {
  if (api === undefined) return 'No API with this id is deployed';
  if (endpoint === undefined) return 'The API has no endpoint with this name';
  return 'The endpoint tells no statistics (for Kafka: set statisticsIntervalMs of its shared configuration, such as to 5000)';
}

/** A plugin that cannot say how it is must not hide how the others are. */
function healthOf({ connector }: RunningEndpoint): EndpointHealth {
  try {
    return { ...connector.health() };
  } catch {
    return { status: 'unknown', reason: 'the plugin of this endpoint failed when it was asked' };
  }
}

function describe(api: RunningApi): object {
  return {
    id: api.id,
    name: api.name,
    version: api.version,
    state: 'served',
    paths: api.routes.map(({ host, path }) => `${host ?? ''}${path}`),
    entrypoints: [...api.entrypoints, ...api.push].map(({ plugin, pipeline }) =>
      'qos' in pipeline
        ? { type: plugin.id, qos: pipeline.qos }
        : { type: plugin.id, error: { key: pipeline.key, message: pipeline.message } },
    ),
    endpoints: api.endpoints.map((endpoint) => ({
      name: endpoint.name,
      type: endpoint.plugin.id,
      ...healthOf(endpoint),
    })),
  };
}

/** As `describe`, of a definition of which nothing runs. */
function describeUnserved({ id, file, state, reasons }: UnservedApi): object {
  return { id, file, state, reasons, paths: [], entrypoints: [], endpoints: [] };
}

/** What serves the management API's requests. */
export function adminListener(parts: AdminParts): RequestListener {
  return getRequestListener(adminApp(parts).fetch);
}
