import { connect } from 'node:net';

/**
 * Clients of a fan-out, as raw sockets that only count a byte that stands once in each event: what is measured is the
 * server. Prints `ready` once all are connected, and, when told the number of events on stdin, the time from the first
 * byte to the last event of the last client, and the CPU time of this process so far, both in milliseconds.
 */
const [port, path, protocol, count] = process.argv.slice(2);
const MARK = 0x7e;
const upgrade =
  protocol === 'ws'
    ? 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
    : 'Accept: text/event-stream\r\n';
const request = `GET ${path} HTTP/1.1\r\nHost: bench\r\n${upgrade}\r\n`;
const clients = [];
let connected = 0;
let first = 0;
for (let index = 0; index < Number(count); index++) {
  const client = { events: 0, open: false };
  clients.push(client);
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(request));
  socket.on('data', (chunk) => {
    if (!client.open) {
      client.open = true;
      if (++connected === clients.length) console.log('ready');
    }
    for (let at = chunk.indexOf(MARK); at >= 0; at = chunk.indexOf(MARK, at + 1)) client.events++;
    if (first === 0 && client.events > 0) first = performance.now();
  });
}
process.stdin.once('data', (text) => {
  const wanted = Number(text);
  const check = () => {
    if (clients.every(({ events }) => events >= wanted)) {
      const { user, system } = process.cpuUsage();
      console.log(JSON.stringify({ milliseconds: performance.now() - first, cpuMs: (user + system) / 1000 }));
      process.exit(0);
    }
    setTimeout(check, 1);
  };
  check();
});
