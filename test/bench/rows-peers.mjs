import { fileURLToPath } from 'node:url';
import { kafkaSse } from './peers/install.mjs';
import { camelRoute, realKafka } from './peers/java.mjs';
import { definition, gateway, launched, script } from './processes.mjs';
import { load } from './rows-post.mjs';
import { figure, paired } from './statistics.mjs';

const CLIENTS = 20;

/** Figures of a row beside another product; `peer` is its name and version. */
const figures = (samples, peer, named) =>
  Object.entries(named).map(([key, one]) => ({ ...figure(samples, key, one), peer }));

/** Runs a row on a broker of Apache Kafka of its own. */
const onRealKafka = (row) => async (_, options) => {
  const kafka = await realKafka();
  try {
    return await row(kafka.bootstrap, options);
  } finally {
    await kafka.stop();
  }
};

async function post(bootstrap, { pairs, seconds, progress }) {
  const ours = await gateway([definition('post', bootstrap, 'peer-post')]);
  const peer = await camelRoute(bootstrap, 'peer-post');
  const measure = async (server) => ({
    ...(await load(server, server.port, '/post', 64, seconds)),
    memory: server.rssKiB() / 1024,
  });
  const samples = await paired(
    pairs,
    () => measure(peer),
    () => measure(ours),
    (pair, a, b) => progress(pair, a.rate, b.rate),
  );
  await Promise.all([peer.stop(), ours.stop()]);
  const title = 'POST acknowledged by all in-sync replicas, 1 KiB, 64 connections';
  return figures(samples, `Apache Camel ${peer.version}`, {
    rate: { name: 'peer-post', title, unit: 'requests/s' },
    p99: { name: 'peer-post-p99', title: `${title}: 99th percentile`, unit: 'ms' },
    cpu: { name: 'peer-post-cpu', title: `${title}: CPU time`, unit: 'µs a request' },
    memory: { name: 'peer-post-memory', title: `${title}: resident memory`, unit: 'MiB' },
  });
}

async function sse(bootstrap, { pairs, quick, progress }) {
  const topic = 'peer-sse';
  const { folder, version } = await kafkaSse();
  let written = 0;
  const produce = async (records) => {
    await script('producer.mjs', bootstrap, topic, records).ended;
    written += records;
  };
  await produce(4);
  const ours = await gateway([definition('sse', bootstrap, topic)]);
  // Its consumers wait for records in threads of libuv's pool, four by default; 128 is what its own scripts set.
  const peer = launched(
    process.execPath,
    [fileURLToPath(new URL('peers/kafka-sse.mjs', import.meta.url)), folder, bootstrap, topic],
    { UV_THREADPOOL_SIZE: '128' },
  );
  const port = await peer.line();
  const records = quick ? 4000 : 20_000;
  const measure = async (server, at, path) => {
    const clients = script('fanout-load.mjs', at, path, 'sse', CLIENTS);
    await clients.line();
    const threads = server.threads();
    clients.tell(records);
    const before = server.cpuMs();
    await produce(records);
    const { milliseconds } = JSON.parse(await clients.line());
    const cpu = ((server.cpuMs() - before) * 1000) / (records * CLIENTS);
    const memory = server.rssKiB() / 1024;
    await clients.ended;
    return { rate: (records * CLIENTS * 1000) / milliseconds, threads, cpu, memory };
  };
  const samples = await paired(
    pairs,
    // Spread evenly over four partitions.
    () => measure(peer, port, `/${written / 4}`),
    () => measure(ours, ours.port, '/sse'),
    (pair, a, b) => progress(pair, a.rate, b.rate),
  );
  await Promise.all([peer.stop(), ours.stop()]);
  const title = `SSE to ${CLIENTS} clients, 100-byte records`;
  return figures(samples, `kafka-sse ${version}`, {
    rate: { name: 'peer-sse', title, unit: 'events/s' },
    cpu: { name: 'peer-sse-cpu', title: `${title}: CPU time`, unit: 'µs an event' },
    threads: {
      name: 'peer-sse-threads',
      title: `${title}: threads while they are connected`,
      unit: 'threads',
    },
    memory: { name: 'peer-sse-memory', title: `${title}: resident memory at the end`, unit: 'MiB' },
  });
}

/** Rows beside other products, on Apache Kafka; they need Java 17, Maven and minutes. */
export const PEER_ROWS = { 'peer-post': onRealKafka(post), 'peer-sse': onRealKafka(sse) };
