import Kafka from '../../plugins/endpoint-kafka/node_modules/node-rdkafka/lib/index.js';

/** Writes records of 100 bytes, each with the mark that clients count, as fast as they are taken, evenly over four partitions. */
const [bootstrap, topic, count] = process.argv.slice(2);
const value = Buffer.alloc(100, 'x');
value[99] = 0x7e;
const producer = new Kafka.Producer({
  'metadata.broker.list': bootstrap,
  'linger.ms': 5,
  'queue.buffering.max.messages': 1_000_000,
  log_level: 0,
});
producer.connect({ timeout: 10_000 }, (error) => {
  if (error) throw error;
  for (let n = 0; n < Number(count); n++) producer.produce(topic, n % 4, value);
  producer.flush(60_000, () => process.exit(0));
});
