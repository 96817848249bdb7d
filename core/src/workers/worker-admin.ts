import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { refusePage } from '../server/admin-gate.js';
import { PROMETHEUS_TYPE } from '../telemetry/prometheus.js';
import { mergeMetrics } from './merge-metrics.js';
import type { WorkerProcess } from './worker-process.js';

const ANSWER_MS = 10_000;

/**
 * The management API of several workers: their metrics added up, ready while all of them are, and everything else as the
 * first of them says, which alone runs subscriptions.
 */
export function workerAdmin(
  workers: readonly WorkerProcess[],
  isStopping: () => boolean,
  names: readonly string[],
): Server {
  const lead = workers[0] as WorkerProcess;
  return createServer((incoming, outgoing) => {
    if (refusePage(incoming, outgoing, names)) return;
    const path = incoming.url?.split('?')[0];
    if (path === '/health/live') answer(outgoing, 200, { status: 'up' });
    else if (path === '/health/ready') void tellReady(workers, isStopping(), outgoing);
    else if (path === '/metrics') void tellMetrics(workers, outgoing);
    else forward(lead, incoming, outgoing);
  });
}

function answer(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function tellReady(workers: readonly WorkerProcess[], stopping: boolean, outgoing: ServerResponse) {
  const serving = workers.filter(({ isReady }) => isReady);
  const ready = !stopping && serving.length > 0;
  const apis = await read(workers[0] as WorkerProcess, '/health/ready').then(
    ({ body }) => JSON.parse(body).apis,
    () => [],
  );
  answer(outgoing, ready ? 200 : 503, {
    status: ready ? 'up' : 'down',
    workers: { serving: serving.length, of: workers.length },
    apis,
  });
}

async function tellMetrics(workers: readonly WorkerProcess[], outgoing: ServerResponse): Promise<void> {
  const asked = await Promise.allSettled(workers.map((worker) => read(worker, '/metrics')));
  const answers = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const told = answers.filter(({ status }) => status === 200);
  const [refused] = answers;
  if (told.length === 0 && refused !== undefined) {
    outgoing.writeHead(refused.status, { 'content-type': 'application/json' }).end(refused.body);
    return;
  }
  const own = `# HELP sluice_workers Workers that serve.\n# TYPE sluice_workers gauge\nsluice_workers ${told.length}\n`;
  const text = mergeMetrics(told.map(({ body }) => body)) + own;
  outgoing.writeHead(200, { 'content-type': PROMETHEUS_TYPE }).end(text);
}

/** Asks a worker. Rejects when it does not answer in time. */
function read(worker: WorkerProcess, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: worker.socket, path, timeout: ANSWER_MS }, async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
    });
    asked.on('timeout', () => asked.destroy(new Error(`worker ${worker.number} did not answer`)));
    asked.on('error', reject).end();
  });
}

function forward(lead: WorkerProcess, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming;
  const options = { socketPath: lead.socket, path: url, method, headers, timeout: ANSWER_MS };
  const asked = request(options, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    pipeline(response, outgoing, () => {});
  });
  asked.on('timeout', () => asked.destroy(new Error('no answer')));
  asked.on('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else {
      const message = 'The worker that runs subscriptions is being started again; ask again in a moment';
      answer(outgoing, 503, { message, http_status_code: 503 });
    }
  });
  pipeline(incoming, asked, () => {});
}
