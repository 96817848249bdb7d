import { ensureKafkaJars } from './jars.js';
import { runJavaTool } from './java.js';

/** What a consumer group holds of one partition. */
export interface GroupPartition {
  topic: string;
  partition: number;
  /** The next offset the group will read, null when it never committed one. */
  committedOffset: number | null;
  /** The offset after the partition's last record, null when unknown. */
  logEndOffset: number | null;
  /** `logEndOffset` less `committedOffset`, null when either is. */
  lag: number | null;
  /** The id of the member that the partition is assigned to, null when to none. */
  member: string | null;
}

/**
 * The partitions that a group has committed offsets of or has assigned, sorted by topic and partition, by
 * `kafka-consumer-groups --describe`. A group unknown to the broker gives none. Rejects when the broker
 * cannot be reached. Group and client ids with white space are not understood.
 */
export async function describeGroup(bootstrap: string, group: string): Promise<GroupPartition[]> {
  const { stdout } = await runJavaTool({
    jars: await ensureKafkaJars(),
    mainClass: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    args: ['--bootstrap-server', bootstrap, '--describe', '--group', group],
  });
  // The tool exits with code 0 after an error too.
  if (/^Error:/m.test(stdout) && !/GroupIdNotFoundException/.test(stdout)) {
    throw new Error(`kafka-consumer-groups could not describe ${group}:\n${stdout}`);
  }
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[0] === group && /^\d+$/.test(columns[2] ?? ''))
    .map(([, topic = '', partition, committed, end, lag, member = '-']) => ({
      topic,
      partition: Number(partition),
      committedOffset: numberOrNull(committed),
      logEndOffset: numberOrNull(end),
      lag: numberOrNull(lag),
      member: member === '-' ? null : member,
    }))
    .sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
}

function numberOrNull(column: string | undefined): number | null {
  return column === undefined || column === '-' ? null : Number(column);
}
