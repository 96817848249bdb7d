import Kafka from '../../plugins/endpoint-kafka/node_modules/node-rdkafka/lib/index.js';

/**
 * The consumer of a floor, with the gateway's own settings. Resolves once it is connected.
 * @param more properties beside them
 */
export function floorConsumer(bootstrap, more = {}) {
  const properties = {
    'metadata.broker.list': bootstrap,
    'group.id': 'floor',
    'enable.auto.commit': false,
    'fetch.wait.max.ms': 5,
    'fetch.queue.backoff.ms': 10,
    log_level: 0,
    ...more,
  };
  const consumer = new Kafka.KafkaConsumer(properties, { 'auto.offset.reset': 'latest' });
  return new Promise((resolve, reject) => {
    consumer.connect({ timeout: 10_000 }, (error) => (error ? reject(error) : resolve(consumer)));
  });
}
