import { open, readFile } from 'node:fs/promises';
import { type GuardedProcess, spawnGuarded } from './guarded-process.js';
import { javaCommand, jvmFlags } from './java.js';

const readyLine = 'Kafka Server started';
const startLimitMs = 60_000;

/** Where a broker lives and how it runs; everything in `folder` belongs to it. */
export interface BrokerHome {
  jars: string;
  heapMb: number;
  folder: string;
  logFile: string;
  propertiesFile: string;
  /** Further flags of the JVM. */
  flags?: readonly string[];
}

/**
 * Starts the Kafka process of a formatted home and waits until it serves clients. Rejects, with the end of
 * its log, when it ends before that or takes longer than a minute; no process remains then.
 */
export async function launchBroker(home: BrokerHome): Promise<GuardedProcess> {
  const log = await open(home.logFile, 'a');
  // The compression libraries unpack native code into the temporary folder and leave it there after SIGKILL.
  const own = [`-Djava.io.tmpdir=${home.folder}`, ...(home.flags ?? [])];
  const flags = [...own, ...jvmFlags(home.jars, home.heapMb)];
  const broker = spawnGuarded(javaCommand(), [...flags, 'kafka.Kafka', home.propertiesFile], {
    folder: home.folder,
    stdout: 'pipe',
    stderr: log.fd,
  });
  await log.close();
  let printed = '';
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`was not ready after ${startLimitMs} ms`), startLimitMs);
    broker.child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes(readyLine)) {
        resolve('ready');
      }
    });
  });
  const outcome = await Promise.race([ready, broker.exited.then((end) => `ended with ${end}`)]);
  clearTimeout(timer);
  if (outcome === 'ready') {
    return broker;
  }
  broker.child.kill('SIGKILL');
  await broker.exited;
  broker.release();
  throw new Error(`The Kafka broker ${outcome}:\n${printed}${await logTail(home.logFile)}`);
}

async function logTail(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines.slice(-40).join('\n');
}
