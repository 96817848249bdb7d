import { createHash } from 'node:crypto';
import autocannon from 'autocannon';
import { definition, gateway, script } from './processes.mjs';
import { figure, paired } from './statistics.mjs';
import { ratioAtLeast, ratioAtMost } from './targets.mjs';

const BODY = 'x'.repeat(1024);
const KEY = 'bench-key';

/** Acknowledged POSTs a second, their 99th percentile, and what each cost the server; the load's own share of a core. */
export async function load(server, port, path, connections, seconds, headers = {}) {
  const before = { cpu: server.cpuMs(), own: process.cpuUsage(), at: performance.now() };
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    method: 'POST',
    body: BODY,
    headers: { 'content-type': 'text/plain', ...headers },
    connections,
    duration: seconds,
    workers: 1,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
  const own = process.cpuUsage(before.own);
  return {
    rate: result.requests.average,
    p99: result.latency.p99,
    cpu: ((server.cpuMs() - before.cpu) * 1000) / result.requests.total,
    load: (own.user + own.system) / 1000 / (performance.now() - before.at),
  };
}

async function post(bootstrap, { pairs, seconds, progress }, row, connections, apis, files, headers) {
  const floor = script('floor-post.mjs', bootstrap, `post-${connections}`);
  const ours = await gateway(apis, files);
  const port = await floor.line();
  const samples = await paired(
    pairs,
    () => load(floor, port, '/', connections, seconds),
    () => load(ours, ours.port, '/post', connections, seconds, headers),
    (pair, a, b) => progress(pair, a.rate, b.rate),
  );
  await Promise.all([floor.stop(), ours.stop()]);
  const { name, title, target } = row;
  const busy = figure(samples, 'load', {});
  const note = `the load took ${busy.floor.toFixed(2)} of a core beside the floor, ${busy.ours.toFixed(2)} beside the gateway`;
  return [
    figure(samples, 'rate', { name, title, unit: 'requests/s', target: ratioAtLeast(target), note }),
    figure(samples, 'p99', {
      name: `${name}-p99`,
      title: `${title}: 99th percentile`,
      unit: 'ms',
      target: ratioAtMost(1.25),
    }),
    figure(samples, 'cpu', { name: `${name}-cpu`, title: `${title}: CPU time`, unit: 'µs a request' }),
  ];
}

const step = (policy, configuration) => ({ policy, configuration });
const secured = (bootstrap) =>
  definition('post', bootstrap, 'post-64', {
    plans: [{ id: 'gold', security: { type: 'api-key' } }],
    flows: [
      {
        request: [step('transform-headers', { addHeaders: [{ name: 'x-bench', value: '1' }] })],
        publish: [
          step('policy-assign-attributes', {
            attributes: [
              { name: 'gravitee.attribute.kafka.recordKey', value: "{#request.headers['x-key'][0]}" },
            ],
          }),
        ],
      },
    ],
  });
const keys = {
  'bench.api-keys.json': {
    api: 'post',
    plan: 'gold',
    keys: [{ id: 'bench', sha256: createHash('sha256').update(KEY).digest('hex') }],
  },
};

const plain = (connections) => {
  const row = {
    name: `post-${connections}`,
    title: `POST acknowledged, 1 KiB, ${connections} connections`,
    target: 0.85,
  };
  return (bootstrap, options) =>
    post(bootstrap, options, row, connections, [definition('post', bootstrap, row.name)], {}, {});
};

/** Rows of publishing. */
export const POST_ROWS = {
  'post-64': plain(64),
  'post-512': plain(512),
  'post-secured': (bootstrap, options) => {
    const title = 'the same with a key, two policies and an api-key plan, 64 connections';
    const row = { name: 'post-secured', title, target: 0.65 };
    const headers = { 'x-gravitee-api-key': KEY, 'x-key': 'k' };
    return post(bootstrap, options, row, 64, [secured(bootstrap)], keys, headers);
  },
};
