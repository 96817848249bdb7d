import { connect } from 'node:net';
import { percentile } from './statistics.mjs';
import { sinceMs, stampReader } from './timed.mjs';

/**
 * SSE clients as raw sockets, connected a few hundred at a time. Prints `ready` once all are. Every `watched`th reads the
 * stamps; the others only take what is sent. Told a number on stdin it prints, once each watched client has had that many events,
 * the delays in milliseconds and the CPU time of this process so far.
 */
const [port, path, count, watched] = process.argv.slice(2);
const AT_A_TIME = 200;
const request = `GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`;
const delays = [];
let watching = 0;
let begun = 0;
let connected = 0;

function open() {
  if (begun === Number(count)) return;
  const watches = begun++ % Number(watched) === 0;
  if (watches) watching++;
  const read = watches ? stampReader((text) => delays.push(sinceMs(text))) : () => {};
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(request));
  socket.once('data', () => {
    connected++;
    if (connected === Number(count)) console.log('ready');
    open();
  });
  socket.on('data', read);
}
for (let n = 0; n < AT_A_TIME; n++) open();
process.stdin.on('data', (text) => {
  const wanted = Number(text) * watching;
  const check = () => {
    if (delays.length < wanted) {
      setTimeout(check, 5);
      return;
    }
    const { user, system } = process.cpuUsage();
    console.log(
      JSON.stringify({
        p50: percentile(delays, 0.5),
        p99: percentile(delays, 0.99),
        cpuMs: (user + system) / 1000,
      }),
    );
    delays.length = 0;
  };
  check();
});
