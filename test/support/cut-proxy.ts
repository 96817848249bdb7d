import { type AddressInfo, connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** Something between client and gateway that breaks connections. */
export interface CutProxy {
  readonly url: string;
  /** How many connections came in. */
  connections(): number;
}

/** Forwards to a port of 127.0.0.1; connection n is cut once `cutAfterBytes[n]` bytes of its answer have passed. */
export async function cutProxy(port: number, cutAfterBytes: readonly number[]): Promise<CutProxy> {
  let connections = 0;
  const server = createServer((client) => {
    let left = cutAfterBytes[connections++] ?? Number.POSITIVE_INFINITY;
    const gateway = connect(port, '127.0.0.1');
    const cut = () => {
      client.destroy();
      gateway.destroy();
    };
    for (const socket of [client, gateway]) socket.on('error', cut).on('close', cut);
    client.pipe(gateway);
    gateway.on('data', (chunk: Buffer) => {
      client.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) client.end(cut);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
  };
}
