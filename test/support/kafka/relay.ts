import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay to one port of this machine, between a client and one broker. */
export interface Relay {
  readonly port: number;
  /** How many connections came in. */
  readonly connections: number;
  /**
   * From now on nothing passes, as when a network drops every packet: what is open stays open and silent, new
   * connections are taken and never answered.
   */
  silence(): void;
  /** What waited passes, and new connections are answered. */
  heal(): void;
  close(): void;
}

/** What sees the bytes of a relay; one is made for each connection. */
export interface RelayWatch {
  toBroker?(chunk: Buffer): void;
  toClient?(chunk: Buffer): void;
  closed?(): void;
}

/** Listens on `port` of 127.0.0.1 (0 takes a free one) and relays to `target`. */
export async function startRelay(target: number, port = 0, watch?: () => RelayWatch): Promise<Relay> {
  const sockets = new Set<Socket>();
  let silent = false;
  let connections = 0;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    connections++;
    const seen = watch?.() ?? {};
    const broker = connect(target, '127.0.0.1');
    broker.pause();
    const ways = [
      [client, broker, seen.toBroker],
      [broker, client, seen.toClient],
    ] as const;
    for (const [from, to, see] of ways) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        see?.(chunk);
        if (!to.write(chunk)) from.pause();
      });
      from.on('drain', () => silent || to.resume());
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (!silent) from.resume();
    }
    client.on('close', () => seen.closed?.());
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return connections;
    },
    silence() {
      silent = true;
      for (const socket of sockets) socket.pause();
    },
    heal() {
      silent = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
