import { ensureKafkaJars } from './jars.js';
import { runJavaTool } from './java.js';

// Control characters between fields and records: keys and values of tests hold tabs, line ends and the word
// null.
const fieldSeparator = '\u001f';
const recordSeparator = '\u001e';
const nullLiteral = '\u0001null';

/** One record as Kafka's own console consumer shows it. */
export interface ConsoleRecord {
  partition: number;
  offset: number;
  /** As UTF-8 text; null for a record without a key. */
  key: string | null;
  /** As UTF-8 text; null for a tombstone. */
  value: string | null;
}

/** Which records to read. */
export interface ConsoleConsumeOptions {
  /** Return as soon as this many records were read; without it, once none arrived for `timeoutMs`. */
  count?: number;
  /** How long to wait for one more record, in milliseconds, joining the group included; 5,000 unless told. */
  timeoutMs?: number;
  /** Only this partition; all of them unless told. */
  partition?: number;
}

/**
 * Reads a topic from its beginning with Kafka's console consumer, a Java program independent of librdkafka.
 * The records come sorted by partition and offset; there may be fewer than `count`, when no more arrived in
 * time. Commits nothing and creates no topic. Rejects when the broker cannot be reached.
 */
export async function consoleConsume(
  bootstrap: string,
  topic: string,
  options: ConsoleConsumeOptions = {},
): Promise<ConsoleRecord[]> {
  const { count, partition, timeoutMs = 5000 } = options;
  const format = {
    'print.partition': 'true',
    'print.offset': 'true',
    'print.key': 'true',
    'key.separator': fieldSeparator,
    'line.separator': recordSeparator,
    'null.literal': nullLiteral,
  };
  const { stdout, stderr } = await runJavaTool({
    jars: await ensureKafkaJars(),
    mainClass: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
    args: [
      ...['--bootstrap-server', bootstrap, '--topic', topic, '--timeout-ms', `${timeoutMs}`],
      ...(partition === undefined
        ? ['--from-beginning']
        : ['--partition', `${partition}`, '--offset', 'earliest']),
      ...(count === undefined ? [] : ['--max-messages', `${count}`]),
      ...Object.entries(format).flatMap(([name, value]) => ['--property', `${name}=${value}`]),
      ...['--consumer-property', 'allow.auto.create.topics=false'],
    ],
    timeoutMs: timeoutMs + 60_000,
  });
  // The tool exits with code 0 all the same, and an empty answer would pass for an empty topic.
  if (stdout === '' && /could not be established/.test(stderr)) {
    throw new Error(`the console consumer could not reach ${bootstrap}:\n${stderr.slice(-2000)}`);
  }
  return stdout
    .split(recordSeparator)
    .filter((record) => record !== '')
    .map(parseRecord)
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/**
 * The offset after the last record of each partition of a topic, by Kafka's own tool. Rejects when there is
 * no such topic or the broker cannot be reached.
 */
export async function endOffsets(bootstrap: string, topic: string): Promise<Map<number, number>> {
  const { stdout } = await runJavaTool({
    jars: await ensureKafkaJars(),
    mainClass: 'org.apache.kafka.tools.GetOffsetShell',
    // The tool takes a pattern; of all characters a topic name may have, only the dot means more in it.
    args: ['--bootstrap-server', bootstrap, '--topic', topic.replaceAll('.', '\\.')],
  });
  const rows = stdout.trim().split('\n');
  return new Map(
    rows.map((row) => {
      const [, partition, offset] = row.split(':');
      return [Number(partition), Number(offset)];
    }),
  );
}

function parseRecord(record: string): ConsoleRecord {
  const [place = '', offsetField = '', key, ...values] = record.split(fieldSeparator);
  const partition = /^Partition:(\d+)$/.exec(place)?.[1];
  const offset = /^Offset:(\d+)$/.exec(offsetField)?.[1];
  if (partition === undefined || offset === undefined || key === undefined || values.length === 0) {
    throw new Error(`the console consumer printed a record in an unknown form: ${JSON.stringify(record)}`);
  }
  const orNull = (text: string) => (text === nullLiteral ? null : text);
  const value = values.join(fieldSeparator);
  return { partition: Number(partition), offset: Number(offset), key: orNull(key), value: orNull(value) };
}
