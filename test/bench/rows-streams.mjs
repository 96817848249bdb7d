import { setTimeout as wait } from 'node:timers/promises';
import { needOpenFiles } from './open-files.mjs';
import { definition, gateway, script } from './processes.mjs';
import { figure, paired } from './statistics.mjs';
import { atMost, within } from './targets.mjs';

/** How long nothing is sent, to see what heartbeats cost: each client has two or more in it. */
const QUIET_MS = 11_000;

async function servers(bootstrap, topic) {
  await script('producer.mjs', bootstrap, topic, 4).ended;
  const ours = await gateway([definition('stream', bootstrap, topic)]);
  const floor = script('floor-fanout.mjs', bootstrap, topic, 'sse');
  const port = await floor.line();
  return {
    floor: { server: floor, port, path: '/' },
    ours: { server: ours, port: ours.port, path: '/stream' },
  };
}

async function latency(bootstrap, { pairs, quick, progress }) {
  const topic = 'latency';
  const both = await servers(bootstrap, topic);
  const measure = async ({ port, path }) => {
    const load = script('stream-load.mjs', port, path, 1, 1);
    await load.line();
    const events = quick ? 300 : 1000;
    load.tell(events);
    await script('stamped-producer.mjs', bootstrap, topic, events, 10).ended;
    const { p50, p99 } = JSON.parse(await load.line());
    await load.stop();
    return { p50, p99 };
  };
  const samples = await paired(
    pairs,
    () => measure(both.floor),
    () => measure(both.ours),
    (pair, a, b) => progress(pair, a.p99, b.p99),
  );
  await Promise.all([both.floor.server.stop(), both.ours.server.stop()]);
  const title = 'from a record written to its SSE event, 100 a second';
  return [
    figure(samples, 'p50', { name: 'latency', title: `${title}: median`, unit: 'ms', target: within(1) }),
    figure(samples, 'p99', {
      name: 'latency-p99',
      title: `${title}: 99th percentile`,
      unit: 'ms',
      target: within(5),
    }),
  ];
}

async function idle(bootstrap, { quick, progress }) {
  const clients = quick ? 2000 : 10_000;
  needOpenFiles(clients);
  const topic = 'idle';
  const both = await servers(bootstrap, topic);
  const measure = async ({ server, port, path }) => {
    const first = script('stream-load.mjs', port, path, 1, 1);
    await first.line();
    const quiet = async () => {
      const before = server.cpuMs();
      await wait(QUIET_MS);
      return ((server.cpuMs() - before) / QUIET_MS) * 100;
    };
    const one = { rss: server.rssKiB(), threads: server.threads(), cpu: await quiet() };
    // Two processes, so that none is busy by itself; one client in ten is watched.
    const loads = [0, 1].map(() => script('stream-load.mjs', port, path, clients / 2, 10));
    for (const load of loads) await load.line();
    await wait(1000);
    const memory = (server.rssKiB() - one.rss) / clients;
    const heartbeats = (await quiet()) - one.cpu;
    const events = quick ? 30 : 100;
    const begun = { cpu: loads.map((load) => load.cpuMs()), at: performance.now() };
    for (const load of loads) load.tell(events);
    await script('stamped-producer.mjs', bootstrap, topic, events, 100).ended;
    const found = [];
    for (const load of loads) found.push(JSON.parse(await load.line()));
    const took = performance.now() - begun.at;
    const p99 = Math.max(...found.map((each) => each.p99));
    const busy = Math.max(...found.map((each, index) => each.cpuMs - begun.cpu[index])) / took;
    const added = server.threads() - one.threads;
    await Promise.all([...loads, first].map((load) => load.stop()));
    return { memory, heartbeats, p99, load: busy, added };
  };
  // Once, without a run before it: what connections leave in a heap is found there by the next ones.
  const samples = { floor: [await measure(both.floor)], ours: [await measure(both.ours)] };
  progress(0, samples.floor[0].p99, samples.ours[0].p99);
  await Promise.all([both.floor.server.stop(), both.ours.server.stop()]);
  const [{ added, load }] = samples.ours;
  const title = `${clients.toLocaleString('en')} idle SSE clients`;
  // The floor sends no heartbeats.
  const own = { floor: [], ours: samples.ours };
  return [
    figure(samples, 'memory', {
      name: 'idle-memory',
      title: `${title}: memory`,
      unit: 'KiB a client',
      target: within(8),
      note:
        added === 0
          ? 'no thread more than with one client: one Kafka consumer'
          : `${added} threads more than with one client`,
    }),
    figure(own, 'heartbeats', {
      name: 'idle-heartbeats',
      title: `${title}: CPU of the heartbeats`,
      unit: '% of a core',
      target: atMost(5),
    }),
    figure(samples, 'p99', {
      name: 'idle-p99',
      title: `${title}, then 10 events/s: 99th percentile of the delay`,
      unit: 'ms',
      target: atMost(150),
      note: `each of the two load processes took ${load.toFixed(2)} of a core`,
    }),
  ];
}

async function storm(bootstrap, { pairs, quick, progress }) {
  const clients = quick ? 1000 : 5000;
  needOpenFiles(clients);
  const records = 1000;
  const topic = 'storm';
  await script('numbered-producer.mjs', bootstrap, topic, 4).ended;
  const ours = await gateway([definition('storm', bootstrap, topic)]);
  const samples = await paired(
    quick ? 1 : Math.min(pairs, 3),
    undefined,
    async () => {
      const load = script('storm-load.mjs', ours.port, '/storm', clients, records);
      await load.line();
      const before = ours.threads();
      await script('numbered-producer.mjs', bootstrap, topic, records).ended;
      await load.line();
      load.tell('cut');
      const { seconds, wrong } = JSON.parse(await load.line());
      if (wrong > 0) throw new Error(`${wrong} clients lost or doubled records`);
      const added = ours.threads() - before;
      await load.stop();
      return { seconds, added };
    },
    (pair, _, b) => progress(pair, null, b.seconds),
  );
  await ours.stop();
  const added = Math.max(...samples.ours.map((one) => one.added));
  return [
    figure(samples, 'seconds', {
      name: 'storm',
      title: `${clients.toLocaleString('en')} SSE clients cut at once and back, each ${records.toLocaleString('en')} records behind: until all have all`,
      unit: 's',
      target: atMost(5),
      note: `nothing lost, nothing doubled; ${added <= 0 ? 'no consumer beside the shared one' : `${added} threads more`}`,
    }),
  ];
}

/** Rows about streams that are there for a long time. */
export const STREAM_ROWS = { latency, idle, storm };
