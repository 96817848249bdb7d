import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import { Client } from 'undici';

/** Opens a byte stream to a host through a proxy. Rejects when the proxy does not give one in time. */
export type Tunnel = (host: string, port: number, timeoutMs: number) => Promise<Socket>;

/** The proxy of a definition, expressions evaluated. */
export interface ProxyOptions {
  readonly type: 'HTTP' | 'SOCKS4' | 'SOCKS5';
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** Through an HTTP proxy by CONNECT (RFC 9110 §9.3.6), also for plain HTTP, or through a SOCKS one. */
export function tunnelThrough(proxy: ProxyOptions): Tunnel {
  return proxy.type === 'HTTP' ? httpTunnel(proxy) : socksTunnel(proxy);
}

function httpTunnel({ host: proxyHost, port: proxyPort, username, password }: ProxyOptions): Tunnel {
  const credentials =
    username === undefined || username === ''
      ? {}
      : { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
  return async (host, port, timeoutMs) => {
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const at = proxyHost.includes(':') ? `[${proxyHost}]` : proxyHost;
    const client = new Client(`http://${at}:${proxyPort}`, {
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
    });
    try {
      const { statusCode, socket } = await client.connect({
        path: authority,
        headers: { host: authority, ...credentials },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (statusCode === 200) return socket as Socket;
      socket.on('error', () => {}).destroy();
      throw Object.assign(new Error(`the proxy answered CONNECT with ${statusCode}`), { code: 'ERR_PROXY' });
    } catch (error) {
      await client.destroy();
      throw error;
    }
  };
}

function socksTunnel({ type, host: proxyHost, port: proxyPort, username, password }: ProxyOptions): Tunnel {
  const credentials =
    username === undefined || username === '' ? {} : { userId: username, password: password ?? '' };
  return async (host, port, timeoutMs) => {
    const { socket } = await SocksClient.createConnection({
      proxy: { host: proxyHost, port: proxyPort, type: type === 'SOCKS4' ? 4 : 5, ...credentials },
      command: 'connect',
      destination: { host, port },
      timeout: timeoutMs,
    });
    return socket;
  };
}
