import { createServer } from 'node:http';
import { floorConsumer } from './floor-consumer.mjs';

/**
 * The least that can serve pages: one consumer that reads on from page to page, and JSON of what the gateway's pages hold.
 * `GET /?from=0` begins anew.
 */
const [bootstrap, topic, size] = process.argv.slice(2);
const consumer = await floorConsumer(bootstrap);
const PARTITIONS = [0, 1, 2, 3];
let positions;
const item = ({ partition, offset, value, timestamp }) => {
  positions[partition] = offset;
  const cursor = `${topic}@${positions.map((at, index) => `${index}#${at}`).join(',')}`;
  return {
    id: Buffer.from(cursor).toString('base64'),
    content: value.toString(),
    headers: {},
    metadata: { topic, partition, offset, sourceTimestamp: timestamp },
  };
};
const read = (wanted, found, done) =>
  consumer.consume(wanted - found.length, (error, records) => {
    if (error) throw error;
    found.push(...records);
    if (found.length < wanted) read(wanted, found, done);
    else done(found);
  });
const server = createServer((request, response) => {
  if (request.url.includes('from=0')) {
    positions = PARTITIONS.map(() => -1);
    consumer.assign(PARTITIONS.map((partition) => ({ topic, partition, offset: 0 })));
  }
  read(Number(size), [], (records) => {
    const items = records.map(item);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, pagination: { nextCursor: items.at(-1).id } }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
