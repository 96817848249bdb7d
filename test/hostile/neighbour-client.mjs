import { Agent, get, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * The second client of {@link file://./neighbour.ts}, on a thread of its own: what the attack costs its own event loop is not
 * told as the gateway's doing. Posts numbered messages at a fixed pace, whether or not the ones before were answered.
 */
const { url, everyMs, headers, streamHeaders, localAddress, streams, warmPosts } = workerData;
const own = localAddress === undefined ? {} : { localAddress };
const agent = new Agent({ keepAlive: true });
const posts = { sent: 0, milliseconds: [], refused: [] };
const seen = new Map();
const ends = [];
let waiting = 0;
const stored = new Set();

if (streams) await openStream();
const timer = setInterval(post, everyMs);

parentPort.on('message', async ({ settleMs }) => {
  clearInterval(timer);
  const giveUpAt = performance.now() + settleMs;
  // Once at least: what has reached the socket by now is read.
  do await later(20);
  while (performance.now() < giveUpAt && (waiting > 0 || missing().length > 0));
  const doubled = [...seen].filter(([, times]) => times > 1).map(([number]) => number);
  parentPort.postMessage({ ...posts, unanswered: waiting, lost: missing(), doubled, ends });
  process.exit(0);
});

/** What was acknowledged and has not come over the stream. */
function missing() {
  return streams ? [...stored].filter((number) => !seen.has(number)) : [];
}

function post() {
  const number = posts.sent++;
  const begunAt = performance.now();
  const body = `neighbour ${number}`;
  waiting++;
  const failed = (status, reason) => posts.refused.push({ number, status, reason });
  const settled = () => waiting--;
  const call = request(
    url,
    { ...own, method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
    async (answer) => {
      const text = await textOf(answer);
      posts.milliseconds.push(performance.now() - begunAt);
      if (posts.milliseconds.length === warmPosts) parentPort.postMessage('warm');
      if (answer.statusCode === 202) stored.add(number);
      else failed(answer.statusCode, text);
      settled();
    },
  );
  call.on('error', (error) => {
    failed(0, error.message);
    settled();
  });
  call.end(body);
}

async function textOf(answer) {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return text;
}

/** Resolves once the head of the stream is there; what the stream ends with is told, it is not opened again. */
function openStream() {
  return new Promise((resolve, reject) => {
    const all = { accept: 'text/event-stream', ...headers, ...streamHeaders };
    get(url, { ...own, agent: false, headers: all }, async (answer) => {
      if (answer.statusCode !== 200) {
        reject(new Error(`the neighbour's stream: ${answer.statusCode} ${await textOf(answer)}`));
        return;
      }
      resolve();
      let rest = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) take(line);
      });
      answer.on('error', () => undefined);
      answer.on('close', () => ends.push('the stream was cut'));
    }).on('error', reject);
  });
}

function take(line) {
  const number = /^data: ?neighbour (\d+)$/.exec(line)?.[1];
  if (number !== undefined) seen.set(Number(number), (seen.get(Number(number)) ?? 0) + 1);
  else if (/^event: ?(error|gap|goaway)/.test(line)) ends.push(line);
}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
