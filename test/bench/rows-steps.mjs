import { loadDefinition } from '../../core/dist/definition/load.js';
import { prepareApi } from '../../core/dist/runtime/deploy.js';
import { defaultPluginFolders, discoverPlugins } from '../../core/dist/runtime/discover.js';
import { flowsOf } from '../../core/dist/runtime/flow/flow-engine.js';
import { PluginRegistry } from '../../core/dist/runtime/registry.js';
import {
  fakeContext,
  MemoryEndpoint,
  numberedMessages,
  recordingLogger,
} from '../../core/dist/testing/index.js';
import { figure, paired } from './statistics.mjs';
import { ratioAtLeast } from './targets.mjs';

const MESSAGES = 20_000;

/** How long one figure is measured for. */
const MEASURE_MS = 300;

/** Messages a second through an API's pipeline, in this process, over an endpoint that keeps them in memory. */
async function throughput(subscribe) {
  const begun = performance.now();
  let seen = 0;
  while (performance.now() - begun < MEASURE_MS) {
    const subscription = await subscribe();
    let left = MESSAGES;
    for await (const batch of subscription) {
      left -= batch.length;
      if (left === 0) break;
    }
    seen += MESSAGES;
    await subscription.close();
  }
  return { rate: (seen * 1000) / (performance.now() - begun) };
}

async function pipelineWith(steps, endpoint) {
  const { plugins } = await discoverPlugins(defaultPluginFolders());
  const registry = new PluginRegistry();
  for (const plugin of plugins) registry.register(plugin);
  registry.register({
    kind: 'endpoint',
    id: 'memory',
    qos: ['none'],
    capabilities: [],
    schema: { type: 'object' },
    create: () => endpoint,
  });
  const definition = {
    id: 'steps',
    name: 'steps',
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [{ type: 'http', paths: [{ path: '/steps' }], entrypoints: [{ type: 'sse', qos: 'none' }] }],
    endpointGroups: [{ name: 'g', type: 'memory', endpoints: [{ name: 'e', type: 'memory' }] }],
    flows: steps.length === 0 ? [] : [{ subscribe: steps }],
  };
  const loaded = loadDefinition(JSON.stringify(definition), {});
  const { api, problems } = prepareApi(loaded.definition, registry, recordingLogger());
  if (api === undefined) throw new Error(JSON.stringify(problems));
  return api;
}

const header = (n) => ({
  policy: 'transform-headers',
  configuration: { addHeaders: [{ name: `x-${n}`, value: 'v' }] },
});
const MEMBER = {
  policy: 'message-filtering',
  configuration: { filter: "{#message.metadata['topic'] != 'none'}" },
};
const JSONATA = {
  policy: 'message-filtering',
  configuration: { filter: '{($number(message.content) + 1 > 0)}' },
};

const row =
  (name, title, steps, target) =>
  async (_bootstrap, { pairs, progress }) => {
    const endpoint = new MemoryEndpoint({ messages: numberedMessages(MESSAGES), batchSize: 500 });
    const api = await pipelineWith(steps, endpoint);
    const request = { maxInFlight: MESSAGES };
    const { pipeline } = api.entrypoints[0];
    const samples = await paired(
      pairs * 3,
      () => throughput(() => endpoint.subscribe(fakeContext(), { ...request, qos: 'none' })),
      () =>
        throughput(async () => {
          const ctx = fakeContext();
          const flows = await flowsOf(api.flows, ctx, { entrypoint: 'sse', modes: ['subscribe'] });
          return await pipeline.subscribe(ctx, flows, request);
        }),
      (pair, a, b) => progress(pair, a.rate, b.rate),
    );
    const { floor, ours } = figure(samples, 'rate', {});
    const note = `${(1e6 / ours - 1e6 / floor).toFixed(2)} µs a message`;
    return [figure(samples, 'rate', { name, title, unit: 'messages/s', note, ...(target && { target }) })];
  };

/** What steps cost: each beside the endpoint's own batches, without a flow engine. */
export const STEP_ROWS = Object.fromEntries(
  [
    [
      'steps-0',
      'messages of an API without steps, beside one without the flow engine',
      [],
      ratioAtLeast(0.95),
    ],
    ['steps-1', 'the same through one policy', [header(1)]],
    ['steps-5', 'the same through five policies', [1, 2, 3, 4, 5].map(header)],
    ['steps-member', 'the same through a filter that looks a member up', [MEMBER]],
    ['steps-jsonata', 'the same through a filter in JSONata', [JSONATA]],
  ].map(([name, ...parts]) => [name, row(name, ...parts)]),
);
