import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CompleteResponse, UpgradedResponse } from '../contract/entrypoint.js';
import { nodeHeaders } from './response-headers.js';
import { SocketSink } from './socket-sink.js';

/** What node hands over of a request with an Upgrade header: from then on the socket is not its own. */
export interface UpgradeRequest {
  readonly incoming: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

/**
 * Gives a request that nobody wants to upgrade back to the server, as one without the wish (RFC 9110 §7.8 lets a
 * server ignore it). Clients that offer HTTP/2 by an upgrade send one with every first request.
 */
export function serveWithoutUpgrade(server: Server, { incoming, socket, head }: UpgradeRequest): void {
  const lines = [`${incoming.method} ${incoming.url} HTTP/${incoming.httpVersion}`];
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = incoming.rawHeaders.slice(at, at + 2);
    if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  // Each time it is given back the server listens to the socket once more.
  const times = (givenBack.get(socket) ?? 0) + 1;
  givenBack.set(socket, times);
  if (times >= MAX_GIVEN_BACK) lines.push('Connection: close');
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

/** How often each connection was given back to the server. */
const givenBack = new WeakMap<Socket, number>();
/** A client that offers HTTP/2 does so once, with its first request. */
const MAX_GIVEN_BACK = 5;

const UPGRADE_HEADERS = new Set(['connection', 'http2-settings', 'upgrade']);

/**
 * Answers a request for another protocol by HTTP, and closes the connection.
 * @throws Error when status or headers cannot be written; then nothing is
 */
export function refuseUpgrade({ incoming, socket }: UpgradeRequest, answer: CompleteResponse): void {
  const outgoing = new ServerResponse(incoming);
  const body = answer.body ?? '';
  const framing = { 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' };
  outgoing.writeHead(answer.status, nodeHeaders({ ...answer.headers, ...framing }));
  outgoing.end(body, () => socket.destroySoon());
  outgoing.assignSocket(socket);
}

/** Serves the other protocol until it ends; then nothing is left of the connection. */
export async function serveUpgraded(
  response: UpgradedResponse,
  { incoming, socket, head }: UpgradeRequest,
  headers: NonNullable<UpgradedResponse['headers']>,
): Promise<void> {
  if (socket.destroyed) {
    await response.abandon();
    return;
  }
  try {
    await response.upgrade({ request: incoming, socket, head, headers, sink: new SocketSink(socket) });
  } finally {
    socket.destroySoon();
  }
}
