import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Different TCP ports that are free on 127.0.0.1 at the moment of the call.
 *
 * They lie below the range from which the kernel takes the ports of outgoing connections. A port inside it
 * can be taken while a killed broker is away, even by a client that tries to reach that very port.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(20_000, 30_000);
    const server = createServer();
    try {
      server.listen({ port, host: '127.0.0.1', exclusive: true });
      await once(server, 'listening');
      servers.push(server);
      ports.push(port);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) {
        throw error;
      }
    }
  }
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
