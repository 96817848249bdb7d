/**
 * Plays a file of bytes to a port, from a process of its own so that its work is not the gateway's:
 * `node player.mjs PORT FILE IDLE_MS`. It reads what is answered until the other side closes, or says nothing for a while,
 * and prints the beginning of it.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port, file, idleMs] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
let head = '';
socket.setTimeout(Number(idleMs), () => socket.destroy());
socket.on('data', (chunk) => {
  if (head.length < 1000) head += chunk.toString('latin1').slice(0, 1000);
});
socket.on('error', () => {});
socket.on('close', () => process.stdout.write(head.split('\r\n', 1)[0]));
socket.write(readFileSync(file));
