import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { type Lookup, resolveTarget } from './resolver.js';
import type { Targets } from './target.js';
import type { TlsOptions } from './tls.js';
import type { Tunnel } from './tunnel.js';

/** How the connections to callbacks are made. */
export interface ConnectionOptions {
  readonly targets: Targets;
  /** The system's resolver when absent. */
  readonly lookup?: Lookup;
  readonly tls: TlsOptions;
  /** Directly when absent. */
  readonly tunnel?: Tunnel;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  /** Whether a connection is used again. Not where a lost answer must not be mistaken for a stale connection. */
  readonly keepAlive: boolean;
}

/**
 * Connections that lead only to targets which may be called. The check is made in the connector itself, for literal
 * addresses and for every address that a name resolves to, so no other way of naming a host leads around it. Through
 * a tunnel the name is resolved and checked here too, and the proxy is asked for the address.
 */
export function guardedAgent(options: ConnectionOptions): Agent {
  const { targets, lookup, tunnel, connectTimeoutMs } = options;
  const resolve = (host: string) => resolveTarget(host, targets, lookup);
  const guarded: LookupFunction = (host, { all }, done) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (all === true) done(null, [...addresses]);
        else done(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    );
  };
  const connect = buildConnector({ ...options.tls, lookup: guarded, timeout: connectTimeoutMs });
  return new Agent({
    connect: (wanted, done) => {
      const literal = isIP(wanted.hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
      // node asks the resolver above for names alone, at the moment it connects.
      if (tunnel === undefined && !literal) return connect(wanted, done);
      resolve(wanted.hostname).then(
        (addresses) => {
          if (tunnel === undefined) return connect(wanted, done);
          const port = Number(wanted.port) || (wanted.protocol === 'https:' ? 443 : 80);
          const host = targets.opensHost(wanted.hostname)
            ? wanted.hostname
            : (addresses[0]?.address ?? wanted.hostname);
          tunnel(host, port, connectTimeoutMs).then(
            (socket) => {
              if (wanted.protocol === 'https:') connect({ ...wanted, httpSocket: socket as never }, done);
              else done(null, socket as never);
            },
            (error: Error) => done(error, null),
          );
        },
        (error: Error) => done(error, null),
      );
    },
    connections: options.maxConnections,
    pipelining: options.keepAlive ? 1 : 0,
    keepAliveTimeout: options.idleTimeoutMs,
    keepAliveMaxTimeout: options.idleTimeoutMs,
    maxHeaderSize: 16_384,
  });
}
