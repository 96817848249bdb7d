import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A relay to a broker that advertises the relay's own port, as a network with a long way. */
export interface SlowNetwork {
  readonly port: number;
}

/** Relays to `target` on `port`; every chunk comes `oneWayMs` later, in order. It ends with the test. */
export async function slowNetwork(target: number, port: number, oneWayMs: number): Promise<SlowNetwork> {
  const sockets = new Set<Socket>();
  const late = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => setTimeout(() => to.writable && to.write(chunk), oneWayMs));
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      setTimeout(() => to.destroy(), oneWayMs);
    });
  };
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    late(client, broker);
    late(broker, client);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port };
}
