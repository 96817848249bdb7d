import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlBroker, type KafkaBroker } from './broker-control.js';
import { type BrokerHome, launchBroker } from './broker-process.js';
import { ensureKafkaJars } from './jars.js';
import { runJavaTool } from './java.js';
import { freePorts } from './ports.js';
import { propertiesFile, serverProperties } from './server-properties.js';

export type { KafkaBroker } from './broker-control.js';

/** How a broker is to run. */
export interface KafkaOptions {
  /** Added to, or in place of, the harness's own server properties; see `serverProperties`. */
  properties?: Record<string, string>;
  /** Further listeners on free ports of 127.0.0.1: their names, and how each is secured. */
  listeners?: Record<string, 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'>;
  /** The ports that clients of further listeners are told, where a relay stands before them. */
  advertised?: Record<string, number>;
  /** Added when the storage is formatted, such as `--add-scram` and its value. */
  formatArgs?: readonly string[];
  /** Further flags of the JVM. */
  flags?: readonly string[];
  /** The largest heap of the JVM in megabytes, 512 unless told. */
  heapMb?: number;
}

/**
 * Starts a broker on free ports with a new data folder, and resolves when it serves clients. Rejects, with
 * the end of the broker's log, when it does not start; see `ensureKafkaJars` for what else can be missing.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  const jars = await ensureKafkaJars();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-kafka-'));
  const home: BrokerHome = {
    jars,
    folder,
    heapMb: options.heapMb ?? 512,
    flags: options.flags ?? [],
    logFile: join(folder, 'broker.log'),
    propertiesFile: join(folder, 'server.properties'),
  };
  try {
    return await startFirst(home, options, 3);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Another process may take a port between the moment it was found free and the broker's start. */
async function startFirst(home: BrokerHome, options: KafkaOptions, attempts: number): Promise<KafkaBroker> {
  const more = Object.entries(options.listeners ?? {});
  const [clientPort = 0, controllerPort = 0, ...morePorts] = await freePorts(2 + more.length);
  const dataFolder = join(home.folder, 'data');
  const properties = {
    ...serverProperties({ clientPort, controllerPort, dataFolder }),
    ...options.properties,
  };
  const addresses = new Map<string, string>();
  properties['advertised.listeners'] = `CLIENT://127.0.0.1:${clientPort}`;
  for (const [index, [name, protocol]] of more.entries()) {
    addresses.set(name, `127.0.0.1:${morePorts[index]}`);
    const told = options.advertised?.[name] ?? morePorts[index];
    properties['advertised.listeners'] += `,${name}://127.0.0.1:${told}`;
    properties.listeners += `,${name}://${addresses.get(name)}`;
    properties['listener.security.protocol.map'] += `,${name}:${protocol}`;
  }
  await writeFile(home.propertiesFile, propertiesFile(properties));
  try {
    await formatStorage(home, options.formatArgs ?? []);
    return controlBroker(home, `127.0.0.1:${clientPort}`, await launchBroker(home), addresses);
  } catch (error) {
    if (attempts > 1 && error instanceof Error && /Address already in use/.test(error.message)) {
      await rm(dataFolder, { recursive: true, force: true });
      return startFirst(home, options, attempts - 1);
    }
    throw error;
  }
}

/** Prepares the data folder of a broker; those of one cluster share its id. */
export async function formatStorage(
  home: BrokerHome,
  more: readonly string[],
  clusterId = randomBytes(16).toString('base64url'),
): Promise<void> {
  await runJavaTool({
    jars: home.jars,
    mainClass: 'kafka.tools.StorageTool',
    // With '=', because one id in 64 begins with a hyphen.
    args: ['format', `--cluster-id=${clusterId}`, '--config', home.propertiesFile, ...more],
    folder: home.folder,
  });
}
