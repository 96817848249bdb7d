import type { Server } from 'node:http';

/**
 * Connections that wait to be taken; the system may allow fewer. Of thousands of clients that come back at once those beyond
 * node's own 511 would only try again after a second.
 */
const BACKLOG = 4096;

/** Begins to listen; resolves with the port, which 0 leaves to the system. @throws Error when it cannot be had */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`port ${port} on ${host} is in use; stop what uses it or choose another`) : error,
      );
    };
    server.once('error', failed);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
