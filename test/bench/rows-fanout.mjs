import { definition, gateway, script } from './processes.mjs';
import { figure, paired } from './statistics.mjs';
import { ratioAtLeast } from './targets.mjs';

/** Events a second over all clients, from the first byte to the last event of the last client. */
async function fanout(bootstrap, topic, server, port, path, protocol, clients, records) {
  const load = script('fanout-load.mjs', port, path, protocol, clients);
  await load.line();
  load.tell(records);
  const before = { server: server.cpuMs(), load: load.cpuMs(), at: performance.now() };
  await script('producer.mjs', bootstrap, topic, records).ended;
  const { milliseconds, cpuMs } = JSON.parse(await load.line());
  const took = performance.now() - before.at;
  const cpu = ((server.cpuMs() - before.server) * 1000) / records;
  await load.ended;
  return { rate: (records * clients * 1000) / milliseconds, cpu, load: (cpuMs - before.load) / took };
}

async function row(bootstrap, { pairs, events, progress }, protocol, clients) {
  const topic = `fanout-${protocol}-${clients}`;
  // Made before anybody reads it.
  await script('producer.mjs', bootstrap, topic, 4).ended;
  const ours = await gateway([definition('fanout', bootstrap, topic)]);
  const floor = script('floor-fanout.mjs', bootstrap, topic, protocol);
  const port = await floor.line();
  // A mock cluster keeps 100,000 records of a partition: no run may come near.
  const records = Math.min(100_000, Math.max(2000, Math.floor(events / clients)));
  const samples = await paired(
    pairs,
    () => fanout(bootstrap, topic, floor, port, '/', protocol, clients, records),
    () => fanout(bootstrap, topic, ours, ours.port, '/fanout', protocol, clients, records),
    (pair, a, b) => progress(pair, a.rate, b.rate),
  );
  await Promise.all([floor.stop(), ours.stop()]);
  const name = `${protocol}-${clients}`;
  const title = `fan-out over ${protocol === 'sse' ? 'SSE' : 'WebSocket'} to ${clients} client${clients === 1 ? '' : 's'}, 100-byte records`;
  const busy = figure(samples, 'load', {});
  const note = `the clients took ${busy.floor.toFixed(2)} of a core beside the floor, ${busy.ours.toFixed(2)} beside the gateway`;
  return [
    figure(samples, 'rate', { name, title, unit: 'events/s', target: ratioAtLeast(0.8), note }),
    figure(samples, 'cpu', { name: `${name}-cpu`, title: `${title}: CPU time`, unit: 'µs a record' }),
  ];
}

/** Rows of fan-out. */
export const FANOUT_ROWS = Object.fromEntries(
  [
    ['sse', 1],
    ['sse', 100],
    ['sse', 1000],
    ['ws', 100],
    ['ws', 1000],
  ].map(([protocol, clients]) => [
    `${protocol}-${clients}`,
    (bootstrap, options) => row(bootstrap, options, protocol, clients),
  ]),
);
