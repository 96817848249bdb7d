/**
 * Plays files of bytes to a port, from a process of its own so that its work is not the gateway's. Each message of the parent
 * is one `{ port, file, idleMs }`: what is answered is read until the other side closes, or has begun to answer and says
 * nothing for a while, and its beginning is sent back.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

/** The longest that an answer is waited for. */
const PATIENCE_MS = 8000;

process.on('message', ({ port, file, idleMs }) => {
  const socket = connect(port, '127.0.0.1');
  let head = '';
  const end = () => socket.destroy();
  socket.setTimeout(PATIENCE_MS, end);
  socket.on('data', (chunk) => {
    if (head === '') socket.setTimeout(idleMs, end);
    if (head.length < 1000) head += chunk.toString('latin1').slice(0, 1000);
  });
  socket.on('error', () => {});
  socket.on('close', () => process.send(head.split('\r\n', 1)[0]));
  socket.write(readFileSync(file));
});
process.on('disconnect', () => process.exit(0));
