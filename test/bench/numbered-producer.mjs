import Kafka from '../../plugins/endpoint-kafka/node_modules/node-rdkafka/lib/index.js';

/** Writes `count` records of 100 bytes, numbered from 0 as `N` and eight digits, with `~` as their last byte, evenly over four partitions. */
const [bootstrap, topic, count] = process.argv.slice(2);
const producer = new Kafka.Producer({ 'metadata.broker.list': bootstrap, 'linger.ms': 5, log_level: 0 });
producer.connect({ timeout: 10_000 }, (error) => {
  if (error) throw error;
  for (let n = 0; n < Number(count); n++)
    producer.produce(topic, n % 4, Buffer.from(`${`N${String(n).padStart(8, '0')}`.padEnd(99, 'x')}~`));
  producer.flush(60_000, () => process.exit(0));
});
