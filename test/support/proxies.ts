import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy, and what was asked of it. */
export interface TestProxy {
  readonly port: number;
  /** `host:port` of each tunnel, with the credentials given, if any. */
  readonly asked: readonly string[];
}

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** An HTTP proxy that opens tunnels by CONNECT, for those who know `user:pass` when it asks. */
export async function httpProxy(asks = false): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createHttpServer();
  server.on('connect', (request, client: Socket) => {
    const given = request.headers['proxy-authorization'];
    asked.push(`${request.url}${given === undefined ? '' : ` ${given}`}`);
    if (asks && given !== `Basic ${Buffer.from('user:pass').toString('base64')}`) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const url = new URL(`http://${request.url}`);
    const upstream = connect(Number(url.port), url.hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) socket.on('error', () => {});
  });
  return { port: await listening(server), asked };
}

/** A SOCKS5 proxy without authentication, for IPv4 (RFC 1928). */
export async function socksProxy(): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createServer((client) => {
    client.on('error', () => {});
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (wish: Buffer) => {
        const host = [...wish.subarray(4, 8)].join('.');
        const port = wish.readUInt16BE(8);
        asked.push(`${host}:${port}`);
        const upstream = connect(port, host, () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          upstream.pipe(client).pipe(upstream);
        });
        upstream.on('error', () => {});
      });
    });
  });
  return { port: await listening(server), asked };
}
