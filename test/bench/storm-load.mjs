import { connect } from 'node:net';

/**
 * SSE clients that are cut and come back. Connects all, prints `ready`; prints `seen` once each has had the records; told `cut` it
 * closes all and has them come back with the id they began with, and prints how long it took until each had every record again
 * (seconds), and how many clients got another number of records, or, of every 50th, other records.
 */
const [port, path, count, records] = process.argv
  .slice(2)
  .map((arg, index) => (index === 1 ? arg : Number(arg)));
/** One byte that stands once in each event, at its end: it is not cut in two. */
const MARK = 0x7e;
const CHECK_EACH = 50;

/** @param from the id to resume after; undefined at first @param done once it has the records */
function client(index, from, opened, done) {
  const state = {
    socket: undefined,
    events: 0,
    start: undefined,
    text: index % CHECK_EACH === 0 ? [] : undefined,
  };
  const resume = from === undefined ? '' : `Last-Event-ID: ${from}\r\n`;
  state.socket = connect(port, '127.0.0.1', () =>
    state.socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n${resume}\r\n`),
  );
  let head = '';
  state.socket.on('data', (chunk) => {
    if (state.start === undefined) {
      head += chunk.latin1Slice();
      const id = /^id: (.+)\n\n/m.exec(head);
      if (id === null) return;
      state.start = id[1];
      opened();
      chunk = Buffer.from(head.slice(id.index + id[0].length), 'latin1');
    }
    state.text?.push(chunk.latin1Slice());
    const before = state.events;
    for (let at = chunk.indexOf(MARK); at >= 0; at = chunk.indexOf(MARK, at + 1)) state.events++;
    if (before < records && state.events >= records) done();
  });
  return state;
}

/** Resolves with the clients once `count` calls of `done` came. */
function all(froms, opened) {
  return new Promise((resolve) => {
    let left = count;
    const clients = froms.map((from, index) =>
      client(index, from, opened, () => {
        if (--left === 0) resolve(clients);
      }),
    );
  });
}

let waiting = count;
const first = await all(
  Array.from({ length: count }, () => undefined),
  () => {
    if (--waiting === 0) console.log('ready');
  },
);
console.log('seen');
await new Promise((resolve) => process.stdin.once('data', resolve));
for (const { socket } of first) socket.destroy();
const begun = performance.now();
const second = await all(
  first.map(({ start }) => start),
  () => {},
);
const seconds = (performance.now() - begun) / 1000;
// What came too often comes behind the rest.
await new Promise((resolve) => setTimeout(resolve, 500));
const expected = Array.from({ length: records }, (_, n) => n);
const isWrong = ({ events, text }) => {
  if (events !== records) return true;
  if (text === undefined) return false;
  const numbers = [...text.join('').matchAll(/data: N(\d{8})/g)].map(([, digits]) => Number(digits));
  return JSON.stringify(numbers.sort((a, b) => a - b)) !== JSON.stringify(expected);
};
console.log(JSON.stringify({ seconds, wrong: second.filter(isWrong).length }));
