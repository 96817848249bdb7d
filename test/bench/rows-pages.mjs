import { request } from 'undici';
import { definition, gateway, script } from './processes.mjs';
import { figure, paired } from './statistics.mjs';
import { ratioAtLeast } from './targets.mjs';

const SIZE = 500;
/** Less than the ring of a shared reader holds, so that pages come from memory, as the floor's do. */
const RECORDS = 20_000;

async function pages(server, first, next) {
  const count = RECORDS / SIZE;
  const before = server.cpuMs();
  const load = script('page-load.mjs', first, next, count);
  const { rate, load: busy, records } = JSON.parse(await load.line());
  if (records !== RECORDS - SIZE) throw new Error(`${records} records came in place of ${RECORDS - SIZE}`);
  const cpu = ((server.cpuMs() - before) * 1000) / RECORDS;
  return { rate, load: busy, cpu };
}

/** A stream that is open, so that the reader is there and holds what is written from now on. */
async function stream(url) {
  const response = await request(url, { headers: { accept: 'text/event-stream' } });
  const opened = new Promise((resolve) => response.body.once('data', resolve));
  response.body.on('error', () => {});
  const [, start] = /^id: (.+)$/m.exec(String(await opened));
  response.body.resume();
  return { start, close: () => response.body.destroy() };
}

async function row(bootstrap, { pairs, progress }) {
  const topic = 'pages';
  await script('producer.mjs', bootstrap, topic, 4).ended;
  const api = definition('pages', bootstrap, topic);
  api.listeners[0].entrypoints.push({
    type: 'http-get',
    qos: 'none',
    configuration: {
      messagesLimitCount: SIZE,
      messagesLimitDurationMs: 5000,
      headersInPayload: true,
      metadataInPayload: true,
    },
  });
  const ours = await gateway([api]);
  const base = `http://127.0.0.1:${ours.port}/pages`;
  const open = await stream(base);
  await script('producer.mjs', bootstrap, topic, RECORDS).ended;
  const floor = script('floor-pages.mjs', bootstrap, topic, SIZE);
  const port = await floor.line();
  const samples = await paired(
    pairs,
    () => pages(floor, `http://127.0.0.1:${port}/?from=0`, `http://127.0.0.1:${port}/?cursor=`),
    () => pages(ours, `${base}?cursor=${encodeURIComponent(open.start)}`, `${base}?cursor=`),
    (pair, a, b) => progress(pair, a.rate, b.rate),
  );
  open.close();
  await Promise.all([floor.stop(), ours.stop()]);
  const busy = figure(samples, 'load', {});
  const note = `the load took ${busy.floor.toFixed(2)} of a core beside the floor, ${busy.ours.toFixed(2)} beside the gateway`;
  const title = `http-get: pages of ${SIZE}, 100-byte records`;
  return [
    figure(samples, 'rate', { name: 'pages', title, unit: 'records/s', target: ratioAtLeast(0.7), note }),
    figure(samples, 'cpu', { name: 'pages-cpu', title: `${title}: CPU time`, unit: 'µs a record' }),
  ];
}

/** The row of pages. */
export const PAGE_ROWS = { pages: row };
