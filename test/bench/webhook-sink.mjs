import { createServer } from 'node:http';

/**
 * Answers each POST with 204 and counts them. Prints its port; told a number on stdin it prints, once it has had that many
 * more, how long they took from the first to the last, and the CPU time of this process so far, both in milliseconds.
 */
let wanted = Number.POSITIVE_INFINITY;
let count = 0;
let first = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(204).end();
    if (count++ === 0) first = performance.now();
    if (count < wanted) return;
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ milliseconds: performance.now() - first, cpuMs: (user + system) / 1000 }));
    wanted = Number.POSITIVE_INFINITY;
  });
});
server.keepAliveTimeout = 60_000;
process.stdin.on('data', (text) => {
  count = 0;
  wanted = Number(text);
  console.log('counting');
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
