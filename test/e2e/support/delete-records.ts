import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKafkaJars } from '../../support/kafka/jars.js';
import { runJavaTool } from '../../support/kafka/java.js';

/** Removes a partition's records below an offset, as retention would, by Kafka's own tool. */
export async function deleteRecordsBefore(
  bootstrapServers: string,
  topic: string,
  partition: number,
  offset: number,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-delete-'));
  try {
    const file = join(folder, 'offsets.json');
    await writeFile(file, JSON.stringify({ version: 1, partitions: [{ topic, partition, offset }] }));
    await runJavaTool({
      jars: await ensureKafkaJars(),
      mainClass: 'org.apache.kafka.tools.DeleteRecordsCommand',
      args: ['--bootstrap-server', bootstrapServers, '--offset-json-file', file],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
