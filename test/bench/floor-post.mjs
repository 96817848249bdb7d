import { createServer } from 'node:http';
import Kafka from '../../plugins/endpoint-kafka/node_modules/node-rdkafka/lib/index.js';

/** The least that can acknowledge a POST: node:http and node-rdkafka, with the gateway's own settings of the producer. */
const [bootstrap, topic] = process.argv.slice(2);
const producer = new Kafka.Producer(
  {
    'metadata.broker.list': bootstrap,
    dr_cb: true,
    'enable.idempotence': true,
    'linger.ms': 0,
    'queue.buffering.max.messages': 100_000,
    log_level: 0,
  },
  { acks: -1, partitioner: 'murmur2_random' },
);
let inFlight = 0;
let polling = false;
const poll = () => {
  if (inFlight === 0) {
    polling = false;
    return;
  }
  producer.poll();
  setImmediate(poll);
};
producer.on('delivery-report', (error, { opaque }) => {
  inFlight--;
  opaque.writeHead(error ? 503 : 202, { 'content-length': 0 }).end();
});
producer.connect({ timeout: 10_000 }, (error) => {
  if (error) throw error;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      producer.produce(topic, null, Buffer.concat(chunks), null, null, response);
      inFlight++;
      if (!polling) {
        polling = true;
        setImmediate(poll);
      }
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
});
