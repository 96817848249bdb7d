import { definition, gateway, script } from './processes.mjs';
import { paired } from './statistics.mjs';

/** Events a second over all clients, from the first byte to the last event of the last client. */
async function fanout(bootstrap, topic, port, path, protocol, clients, records) {
  const load = script('fanout-load.mjs', port, path, protocol, clients);
  await load.line();
  load.tell(records);
  await script('producer.mjs', bootstrap, topic, records).ended;
  const milliseconds = Number(await load.line());
  await load.ended;
  return (records * clients * 1000) / milliseconds;
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
  const measured = await paired(
    pairs,
    () => fanout(bootstrap, topic, port, '/', protocol, clients, records),
    () => fanout(bootstrap, topic, ours.port, '/fanout', protocol, clients, records),
    progress,
  );
  await Promise.all([floor.stop(), ours.stop()]);
  return { unit: 'events/s', records, ...measured };
}

const rows = [
  ['sse', 1],
  ['sse', 100],
  ['sse', 1000],
  ['ws', 100],
  ['ws', 1000],
].map(([protocol, clients]) => [
  `${protocol}-${clients}`,
  {
    title: `fan-out over ${protocol === 'sse' ? 'SSE' : 'WebSocket'} to ${clients} client${clients === 1 ? '' : 's'}, 100-byte records`,
    target: 0.8,
    run: (bootstrap, options) => row(bootstrap, options, protocol, clients),
  },
]);

/** Rows of fan-out. */
export const FANOUT_ROWS = Object.fromEntries(rows);
