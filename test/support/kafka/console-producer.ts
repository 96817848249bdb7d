import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ensureKafkaJars } from './jars.js';
import { javaCommand, jvmFlags } from './java.js';

/** Writes records with Kafka's own console producer: the partition of each is what Java clients choose. */
export async function consoleProduce(
  bootstrapServers: string,
  topic: string,
  records: readonly { readonly key: string; readonly value: string }[],
): Promise<void> {
  const args = [
    ...jvmFlags(await ensureKafkaJars(), 256),
    'org.apache.kafka.tools.ConsoleProducer',
    ...['--bootstrap-server', bootstrapServers, '--topic', topic],
    ...['--property', 'parse.key=true', '--property', 'key.separator=\t'],
  ];
  // It ends with its input, which ends with this process.
  const child = spawn(javaCommand(), args, { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(records.map(({ key, value }) => `${key}\t${value}\n`).join(''));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the console producer ended with ${code}`);
}
