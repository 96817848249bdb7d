import { request } from 'undici';
import { definition, gateway, script } from './processes.mjs';
import { figure, paired } from './statistics.mjs';
import { ratioAtLeast } from './targets.mjs';

const SUBSCRIPTIONS = 100;

async function calls(bootstrap, topic, sink, server, records) {
  const before = { server: server.cpuMs(), sink: sink.cpuMs(), at: performance.now() };
  const wanted = records * SUBSCRIPTIONS;
  sink.tell(wanted);
  await sink.line();
  await script('producer.mjs', bootstrap, topic, records).ended;
  const { milliseconds, cpuMs } = JSON.parse(await sink.line());
  const took = performance.now() - before.at;
  return {
    rate: (wanted * 1000) / milliseconds,
    cpu: ((server.cpuMs() - before.server) * 1000) / wanted,
    load: (cpuMs - before.sink) / took,
  };
}

/** A definition with webhooks. */
export function webhookApi(bootstrap, topic) {
  const api = definition('webhook', bootstrap, topic);
  api.listeners = [
    { type: 'subscription', entrypoints: [{ type: 'webhook', qos: 'at-least-once', configuration: {} }] },
  ];
  // A consumer a group is what the level costs.
  const { consumer } = api.endpointGroups[0].sharedConfiguration;
  Object.assign(consumer, { maxConsumers: 2 * SUBSCRIPTIONS, autoOffsetReset: 'earliest' });
  return api;
}

/** Takes a subscription for a callback. */
export async function subscribe({ adminPort }, callbackUrl) {
  const { statusCode, body } = await request(`http://127.0.0.1:${adminPort}/apis/webhook/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      consumerConfiguration: { entrypointId: 'webhook', entrypointConfiguration: { callbackUrl } },
    }),
  });
  if (statusCode !== 201) throw new Error(`${statusCode}: ${await body.text()}`);
  await body.dump();
}

async function row(bootstrap, { pairs, quick, progress }) {
  // One each: whoever is not measured would post meanwhile.
  const topics = { floor: 'webhook-floor', ours: 'webhook-ours' };
  for (const topic of Object.values(topics)) await script('producer.mjs', bootstrap, topic, 4).ended;
  const sinks = { floor: script('webhook-sink.mjs'), ours: script('webhook-sink.mjs') };
  const ports = { floor: await sinks.floor.line(), ours: await sinks.ours.line() };
  const floor = script('floor-webhook.mjs', bootstrap, topics.floor, ports.floor, SUBSCRIPTIONS);
  await floor.line();
  const ours = await gateway(
    [webhookApi(bootstrap, topics.ours)],
    {},
    { env: { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' } },
  );
  sinks.ours.tell(4 * SUBSCRIPTIONS);
  await sinks.ours.line();
  for (let index = 0; index < SUBSCRIPTIONS; index++)
    await subscribe(ours, `http://127.0.0.1:${ports.ours}/${index}`);
  // Each subscription's group is joined once it has had what was there before.
  await sinks.ours.line();
  const records = quick ? 200 : 1000;
  const samples = await paired(
    pairs,
    () => calls(bootstrap, topics.floor, sinks.floor, floor, records),
    () => calls(bootstrap, topics.ours, sinks.ours, ours, records),
    (pair, a, b) => progress(pair, a.rate, b.rate),
  );
  await Promise.all([floor.stop(), ours.stop()]);
  for (const sink of Object.values(sinks)) await sink.stop();
  const busy = figure(samples, 'load', {});
  const note = `the sink took ${busy.floor.toFixed(2)} of a core beside the floor, ${busy.ours.toFixed(2)} beside the gateway`;
  const title = `webhooks at least once to ${SUBSCRIPTIONS} subscriptions, 100-byte records`;
  return [
    figure(samples, 'rate', { name: 'webhook', title, unit: 'calls/s', target: ratioAtLeast(0.7), note }),
    figure(samples, 'cpu', { name: 'webhook-cpu', title: `${title}: CPU time`, unit: 'µs a call' }),
  ];
}

/** The row of webhooks. */
export const WEBHOOK_ROWS = { webhook: row };
