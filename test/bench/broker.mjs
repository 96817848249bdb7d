import Kafka from '../../plugins/endpoint-kafka/node_modules/node-rdkafka/lib/index.js';

/** Librdkafka's own mock cluster in a process of its own; prints its address. */
const producer = new Kafka.Producer({ 'test.mock.num.brokers': 1, log_level: 0 });
producer.connect({ timeout: 10_000 }, (error, metadata) => {
  if (error) throw error;
  console.log(metadata.brokers.map(({ host, port }) => `${host}:${port}`).join(','));
});
setInterval(() => {}, 1000);
