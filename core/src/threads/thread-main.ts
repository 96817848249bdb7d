import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from './job.js';

/** What runs in a thread: one piece of work after the other. */
const reply = (message: ThreadReply) => parentPort?.postMessage(message);

parentPort?.on('message', ({ module, value }: ThreadRequest) => {
  void (async () => {
    try {
      const { default: work } = await import(pathToFileURL(module).href);
      reply({ is: 'begun' });
      reply({ is: 'done', result: await work(value) });
    } catch (error) {
      reply({ is: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  })();
});
