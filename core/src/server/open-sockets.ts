import type { Socket } from 'node:net';
import { addressBlock } from '../contract/share/client.js';
import { Shares } from '../contract/share/shares.js';

/** The open connections of the gateway's port. An address holds its share of them at most. */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();
  readonly #shares: Shares;

  /** @param perAddress of one address, or one /64 of IPv6; 1 or more */
  constructor(perAddress: number) {
    this.#shares = new Shares(() => ({ all: Number.POSITIVE_INFINITY, client: perAddress }));
  }

  get all(): Iterable<Socket> {
    return this.#sockets;
  }

  /** One is opened, or given back to the server; one above the share is answered 429, whatever it would ask, and closed. */
  add(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    const claim = { api: '', client: addressBlock(socket.remoteAddress ?? '') };
    const isOver = this.#shares.full(claim) !== undefined;
    if (!isOver) this.#shares.add(claim);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (!isOver) this.#shares.remove(claim);
    });
    if (isOver) refuse(socket);
  }
}

/** It has asked nothing yet that an id could be given to, and must not hold anything while it is told. */
function refuse(socket: Socket): void {
  socket.on('error', () => {});
  socket.end(REFUSAL, () => socket.destroy());
}

const BODY = 'This address has as many connections open as its share allows';
const REFUSAL = [
  'HTTP/1.1 429 Too Many Requests',
  'Content-Type: text/plain; charset=utf-8',
  `Content-Length: ${BODY.length}`,
  'Retry-After: 5',
  'Connection: close',
  '',
  BODY,
].join('\r\n');
