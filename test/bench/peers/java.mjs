import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launched } from '../processes.mjs';
import { camel, kafka } from './install.mjs';

const JAVA = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
const local = (path) => fileURLToPath(new URL(path, import.meta.url));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

/** A program on the JVM with its default flags, once it has printed a line that matches `ready`. */
async function java(args, ready) {
  const child = launched(JAVA, args);
  while (!ready.test(await child.line()));
  return child;
}

/** One broker of Apache Kafka whose topics have four partitions; `stop()` removes its data. */
export async function realKafka() {
  const jars = await kafka();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-kafka-'));
  const [port, controller] = [await freePort(), await freePort()];
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'num.partitions': 4,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
  };
  const file = join(folder, 'server.properties');
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''));
  const flags = [
    '-Xmx1g',
    `-Dlog4j2.configurationFile=${local('../../support/kafka/log4j2.xml')}`,
    `-Djava.io.tmpdir=${folder}`,
    ...['-cp', join(jars.folder, '*')],
  ];
  const id = `--cluster-id=${randomBytes(16).toString('base64url')}`;
  await promisify(execFile)(JAVA, [...flags, 'kafka.tools.StorageTool', 'format', id, '--config', file]);
  const broker = await java([...flags, 'kafka.Kafka', file], /Kafka Server started/);
  const stop = async () => {
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { bootstrap: `127.0.0.1:${port}`, version: jars.version, stop };
}

/** Apache Camel with the route of camel.yaml: POST /post is a record of the topic. */
export async function camelRoute(bootstrap, topic) {
  const { folder, version } = await camel();
  const port = await freePort();
  const settings = {
    'bench.port': port,
    'bench.topic': topic,
    'bench.brokers': bootstrap,
    'camel.main.routesIncludePattern': `file:${local('camel.yaml')}`,
    'org.slf4j.simpleLogger.logFile': 'System.out',
  };
  const flags = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const main = ['-Xmx1g', ...flags, '-cp', join(folder, '*'), 'org.apache.camel.main.Main'];
  return { ...(await java(main, /started in/)), port, version };
}
