import { Agent, request } from 'undici';
import { floorConsumer } from './floor-consumer.mjs';

/**
 * The least that can post a topic to many callbacks: one consumer, and for each callback and partition a loop that posts one
 * record after the other. Prints `ready` once it reads.
 */
const [bootstrap, topic, port, callbacks] = process.argv.slice(2);
const consumer = await floorConsumer(bootstrap, { 'enable.partition.eof': true });
const LANES = 4;
const agents = Array.from({ length: Number(callbacks) }, () => new Agent({ connections: LANES }));
const lanes = agents.flatMap((dispatcher, index) =>
  Array.from({ length: LANES }, () => ({
    dispatcher,
    url: `http://127.0.0.1:${port}/${index}`,
    queue: [],
    busy: false,
  })),
);
async function work(lane) {
  if (lane.busy) return;
  lane.busy = true;
  for (let body = lane.queue.shift(); body !== undefined; body = lane.queue.shift()) {
    const answer = await request(lane.url, { dispatcher: lane.dispatcher, method: 'POST', body });
    await answer.body.dump();
  }
  lane.busy = false;
}
consumer.on('data', ({ partition, value }) => {
  for (let index = partition; index < lanes.length; index += LANES) {
    lanes[index].queue.push(value);
    void work(lanes[index]);
  }
});
consumer.once('partition.eof', () => console.log('ready'));
consumer.assign([0, 1, 2, 3].map((partition) => ({ topic, partition, offset: -1 })));
consumer.consume();
