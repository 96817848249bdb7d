import { createServer, type RequestListener, type Server } from 'node:http';
import type { AdminParts } from './admin.js';
import { refusePage } from './admin-gate.js';
import { listen } from './listen.js';

/** The management port. What serves its API is loaded for the first request: the start does not wait for it. */
export class AdminServer {
  readonly #server: Server;

  /** @param names hosts that it may be asked for by, beside the local ones */
  constructor(parts: AdminParts, names: readonly string[]) {
    const { log } = parts;
    let listener: Promise<RequestListener> | undefined;
    this.#server = createServer((request, response) => {
      if (refusePage(request, response, names)) return;
      listener ??= import('./admin.js').then(({ adminListener }) => adminListener(parts));
      listener.then(
        (serve) => serve(request, response),
        (error: unknown) => {
          log.error({ err: error }, 'the management API cannot be loaded');
          response.writeHead(500).end();
        },
      );
    });
  }

  /** @throws Error when the port cannot be had */
  listen(port: number, host: string): Promise<number> {
    return listen(this.#server, port, host);
  }

  /** Listens at a socket of the file system. */
  listenAt(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      // A worker of a cluster would otherwise share it with the others.
      this.#server.once('error', reject).listen({ path, exclusive: true }, () => resolve());
    });
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
