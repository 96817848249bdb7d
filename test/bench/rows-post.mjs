import { createHash } from 'node:crypto';
import autocannon from 'autocannon';
import { definition, gateway, script } from './processes.mjs';
import { paired } from './statistics.mjs';

const BODY = 'x'.repeat(1024);
const KEY = 'bench-key';

/** Acknowledged POSTs a second. */
async function load(port, path, connections, seconds, headers = {}) {
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
  return result.requests.average;
}

async function post(bootstrap, { pairs, seconds, progress }, connections, apis, files, headers) {
  const topic = `post-${connections}`;
  const floor = script('floor-post.mjs', bootstrap, topic);
  const ours = await gateway(apis, files);
  const port = await floor.line();
  const row = await paired(
    pairs,
    () => load(port, '/', connections, seconds),
    () => load(ours.port, '/post', connections, seconds, headers),
    progress,
  );
  await Promise.all([floor.stop(), ours.stop()]);
  return { unit: 'requests/s', ...row };
}

const plain = (connections) => (bootstrap, options) =>
  post(bootstrap, options, connections, [definition('post', bootstrap, `post-${connections}`)], {}, {});

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

/** Rows of publishing, each with the ratio it is to reach. */
export const POST_ROWS = {
  'post-64': { title: 'POST acknowledged, 1 KiB, 64 connections', target: 0.85, run: plain(64) },
  'post-512': { title: 'POST acknowledged, 1 KiB, 512 connections', target: 0.85, run: plain(512) },
  'post-secured': {
    title: 'the same with a key, two policies and an api-key plan, 64 connections',
    target: 0.65,
    run: (bootstrap, options) =>
      post(bootstrap, options, 64, [secured(bootstrap)], keys, { 'x-gravitee-api-key': KEY, 'x-key': 'k' }),
  },
};
