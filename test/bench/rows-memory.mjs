import { setTimeout as wait } from 'node:timers/promises';
import autocannon from 'autocannon';
import { definition, gateway, script } from './processes.mjs';
import { subscribe, webhookApi } from './rows-webhook.mjs';
import { figure } from './statistics.mjs';
import { atMost } from './targets.mjs';

const EVERY_MS = 2000;
/** Before it is watched: the reader's ring, caches and pools fill in the first minute. */
const WARM_UP_MINUTES = 1.5;

/** The slope of a line through points, by least squares. */
function slope(points) {
  const mean = (key) => points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const [x, y] = [mean('x'), mean('y')];
  const above = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return above / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

async function row(bootstrap, { minutes, progress }) {
  const topic = 'memory';
  await script('producer.mjs', bootstrap, topic, 4).ended;
  const api = definition('all', bootstrap, topic);
  const pages = { messagesLimitCount: 500, messagesLimitDurationMs: 500 };
  api.listeners[0].entrypoints.push({ type: 'http-get', qos: 'none', configuration: pages });
  const env = { SLUICE_WEBHOOK_ALLOW_TARGETS: '127.0.0.1' };
  const ours = await gateway([api, webhookApi(bootstrap, topic)], {}, { env });
  const sink = script('webhook-sink.mjs');
  const callback = `http://127.0.0.1:${await sink.line()}`;
  for (let index = 0; index < 5; index++) await subscribe(ours, `${callback}/${index}`);
  const streams = [
    script('fanout-load.mjs', ours.port, '/all', 'sse', 100),
    script('fanout-load.mjs', ours.port, '/all', 'ws', 20),
  ];
  for (const stream of streams) await stream.line();
  const url = `http://127.0.0.1:${ours.port}/all`;
  const paging = script('page-load.mjs', url, `${url}?cursor=`, 1e9);
  const posting = autocannon({
    url,
    method: 'POST',
    body: `${'x'.repeat(1023)}~`,
    headers: { 'content-type': 'text/plain' },
    connections: 16,
    overallRate: 500,
    duration: Math.ceil((minutes + WARM_UP_MINUTES) * 60),
    workers: 1,
  });
  const points = [];
  const begun = performance.now();
  for (let at = 0; at < WARM_UP_MINUTES + minutes; ) {
    await wait(EVERY_MS);
    at = (performance.now() - begun) / 60_000;
    if (at > WARM_UP_MINUTES) points.push({ x: at, y: ours.rssKiB() / 1024 });
  }
  const { non2xx, errors, requests } = await posting;
  if (non2xx + errors > 0) throw new Error(`${non2xx} refused, ${errors} failed`);
  for (const one of [...streams, paging, sink]) await one.stop();
  await ours.stop();
  const sizes = points.map(({ y }) => y);
  progress(0, null, slope(points));
  const note = `${Math.round(Math.min(...sizes))} to ${Math.round(Math.max(...sizes))} MiB over ${minutes} minutes of ${Math.round(requests.average)} POSTs a second, 120 streams, pages and webhooks`;
  const samples = { floor: [], ours: [{ slope: slope(points) }] };
  return [
    figure(samples, 'slope', {
      name: 'memory',
      title: 'memory under everything at once: its slope',
      unit: 'MiB a minute',
      target: atMost(1),
      note,
    }),
  ];
}

/** The row of memory over time. */
export const MEMORY_ROWS = { memory: row };
