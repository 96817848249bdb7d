import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { floorConsumer } from './floor-consumer.mjs';

/**
 * The least that can fan a topic out: one consumer, and for each turn of the event loop one write to each client of the
 * same bytes the gateway sends. `sse`: the frame of an event; `ws`: an unmasked binary frame.
 */
const [bootstrap, topic, protocol] = process.argv.slice(2);
const consumer = await floorConsumer(bootstrap);
const clients = new Set();
let waiting = [];
// The id of an event is the cursor over four partitions, base64, as the gateway writes it.
const positions = [-1, -1, -1, -1];
const frame =
  protocol === 'sse'
    ? ({ partition, offset, value }) => {
        positions[partition] = offset;
        const cursor = Buffer.from(`${topic}@${positions.map((at, index) => `${index}#${at}`).join(',')}`);
        return Buffer.from(`id: ${cursor.toString('base64')}\nevent: message\ndata: ${value.toString()}\n\n`);
      }
    : ({ value }) => Buffer.concat([Buffer.from([0x82, value.length]), value]);
consumer.on('data', (record) => {
  if (waiting.length === 0) {
    setImmediate(() => {
      const bytes = Buffer.concat(waiting);
      waiting = [];
      for (const client of clients) client.write(bytes);
    });
  }
  waiting.push(frame(record));
});
const assigned = positions.map((_, partition) => ({ topic, partition, offset: -1 }));
consumer.assign(assigned);
consumer.consume();
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  clients.add(response);
  request.socket.on('close', () => clients.delete(response));
});
server.on('upgrade', (request, socket) => {
  const key = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  );
  clients.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => clients.delete(socket));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
