import Kafka from '../../plugins/endpoint-kafka/node_modules/node-rdkafka/lib/index.js';
import { stamp } from './timed.mjs';

/** Writes a record each `everyMs`, of 100 bytes that say when it was written, evenly over four partitions. */
const [bootstrap, topic, count, everyMs] = process.argv.slice(2);
const producer = new Kafka.Producer({ 'metadata.broker.list': bootstrap, 'linger.ms': 0, log_level: 0 });
producer.connect({ timeout: 10_000 }, (error) => {
  if (error) throw error;
  let written = 0;
  const timer = setInterval(() => {
    producer.produce(topic, written % 4, Buffer.from(`T${stamp()}`.padEnd(100, 'x')));
    if (++written < Number(count)) return;
    clearInterval(timer);
    producer.flush(10_000, () => process.exit(0));
  }, Number(everyMs));
});
