/**
 * Plays waves of connections to a port, from a process of its own so that its work is not the gateway's:
 * `node attacker.mjs PORT FOR_MS WAVES_FILE`. Each wave is written again and again until the time is over; every byte of it is
 * made before. Prints how often it was played, and how often each status was answered first, as JSON.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

/** How long a connection is kept after its last bytes, and after its first. */
const SILENCE_MS = 200;
const READ_MS = 1000;
/** How long what was asked may take to be answered after the attack. */
const PATIENCE_MS = 5000;
const [port, forMs, wavesFile] = process.argv.slice(2);
const endsAt = performance.now() + Number(forMs);
const answers = {};
let played = 0;
const unanswered = new Set();

for (const wave of JSON.parse(readFileSync(wavesFile, 'utf8'))) {
  const bytes = wave.file === undefined ? Buffer.alloc(0) : readFileSync(wave.file);
  for (let number = 0; number < wave.connections; number++) play(wave, bytes);
}
const timer = setInterval(() => {
  const now = performance.now();
  if (now < endsAt || (now < endsAt + PATIENCE_MS && unanswered.size > 0)) return;
  clearInterval(timer);
  process.stdout.write(JSON.stringify({ played, answers }), () => process.exit(0));
}, 20);

function play(wave, bytes) {
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  if (wave.manner === 'reads') unanswered.add(socket);
  let isAnswered = false;
  socket.on('connect', () => {
    played++;
    if (wave.manner === 'trickles') trickle(socket, bytes, wave.at);
    else if (wave.manner === 'leaves') socket.write(bytes, () => socket.resetAndDestroy());
    else socket.write(bytes);
    if (wave.manner === 'deaf') socket.pause();
  });
  // A listener for data would make a deaf one read.
  if (wave.manner !== 'deaf') {
    socket.on('data', (chunk) => {
      if (isAnswered) return;
      isAnswered = true;
      unanswered.delete(socket);
      socket.setTimeout(SILENCE_MS, () => socket.destroy());
      setTimeout(() => socket.destroy(), READ_MS);
      const status = chunk.toString('latin1', 9, 12);
      answers[status] = (answers[status] ?? 0) + 1;
    });
  }
  socket.on('error', () => {});
  socket.on('close', () => {
    unanswered.delete(socket);
    if (performance.now() < endsAt) setTimeout(() => play(wave, bytes), wave.restMs);
  });
}

/** The beginning at once, the rest a byte a second. */
function trickle(socket, bytes, begunWith) {
  let at = begunWith;
  socket.write(bytes.subarray(0, at));
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 1000);
  socket.on('close', () => clearInterval(timer));
}
