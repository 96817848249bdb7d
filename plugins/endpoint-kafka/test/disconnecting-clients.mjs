/**
 * Uses clients of node-rdkafka while they disconnect on another thread, against librdkafka's own mock of a cluster:
 * `node disconnecting-clients.mjs producer|consumer ROUNDS`. A client that is touched when it is no more ends the process.
 */
import Kafka from 'node-rdkafka';

const MOCK = { 'test.mock.num.brokers': 1, 'metadata.broker.list': 'mock' };
const [kind, rounds] = process.argv.slice(2);

const connected = (client) =>
  new Promise((resolve, reject) => {
    client.on('event.error', () => {});
    client.connect({ allTopics: false, timeout: 10_000 }, (error) => (error ? reject(error) : resolve()));
  });

/** Calls without a pause, but for what the event loop does in between, until the promise has settled. */
async function meanwhile(calls, promise) {
  let over = false;
  const done = promise.finally(() => {
    over = true;
  });
  while (!over) {
    for (const call of calls) {
      for (let time = 0; time < 20; time++) {
        try {
          call();
        } catch {
          // Refused: the client is being closed.
        }
      }
    }
    await new Promise(setImmediate);
  }
  await done;
}

async function producer() {
  const client = new Kafka.Producer({ ...MOCK, dr_cb: true }, {});
  await connected(client);
  client.on('delivery-report', () => {});
  const calls = [() => client.poll(), () => client.produce('t', null, Buffer.from('x'))];
  await meanwhile(calls, new Promise((done) => client.disconnect(50, done)));
}

async function consumer() {
  const callbacks = { offset_commit_cb: true, rebalance_cb: () => {} };
  const client = new Kafka.KafkaConsumer({ ...MOCK, ...callbacks, 'group.id': 'g' }, {});
  await connected(client);
  const here = [{ topic: 't', partition: 0 }];
  client.assign([{ topic: 't', partition: 0, offset: 0 }]);
  client.consume(() => {});
  client.committed(here, 200, () => {});
  client.queryWatermarkOffsets('t', 0, 200, () => {});
  const calls = [
    () => client.pause(here),
    () => client.resume(here),
    () => client.commit([{ topic: 't', partition: 0, offset: 1 }]),
    () => client.position(here),
    () => client.assignments(),
    () => client.getWatermarkOffsets('t', 0),
    () => client.unassign(),
  ];
  await meanwhile(calls, new Promise((done) => client.disconnect(done)));
}

for (let round = 0; round < Number(rounds); round++) await { producer, consumer }[kind]();
process.stdout.write('survived\n');
