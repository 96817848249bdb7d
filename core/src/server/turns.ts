import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that were sent ahead on one connection; what is read at once has fewer, and then nothing more is read. */
const MAX_WAITING = 5000;

/** What waits for its turn. */
interface Waiting {
  /** Absent where it is no request. */
  readonly incoming?: IncomingMessage;
  readonly begin: () => void;
}

/** Whose turn it is on one connection. */
interface Connection {
  /** The request that is being served. */
  current: IncomingMessage | undefined;
  readonly waiting: Waiting[];
  /** Keeps the socket paused, whoever resumes it: node does with the end of each request. Absent while nothing waits. */
  hold: (() => void) | undefined;
  closesQuietly: boolean;
}

/**
 * Serves the requests of each connection one after the other: clients may send them ahead (pipelining), but one is served
 * only once the answer before it has been written, and never behind an answer that closes the connection.
 */
export class Turns {
  readonly #connections = new WeakMap<Socket, Connection>();

  /** Serves a request when its turn has come; the turn ends with its answer. */
  request(incoming: IncomingMessage, outgoing: ServerResponse, serve: () => void): void {
    const { socket } = incoming;
    const connection = this.#of(socket);
    const begin = () => {
      connection.current = incoming;
      outgoing.once('close', () => {
        connection.current = undefined;
        this.#next(socket, connection);
      });
      serve();
    };
    this.#when(socket, connection, { incoming, begin });
  }

  /** Acts behind the answers that are due; it must not be a turn of its own. */
  after(socket: Socket, begin: () => void): void {
    this.#when(socket, this.#of(socket), { begin });
  }

  /** Acts behind the answers that are due before the request that the parser gave up on, which then is not served. */
  broken(socket: Socket, begin: () => void): void {
    const connection = this.#of(socket);
    const last = connection.waiting.at(-1);
    if (last?.incoming?.complete === false) connection.waiting.pop();
    else if (last === undefined && connection.current?.complete === false) {
      // Its body is what is broken: it would be waited for.
      begin();
      return;
    }
    this.#when(socket, connection, { begin });
  }

  #when(socket: Socket, connection: Connection, next: Waiting): void {
    if (connection.current === undefined && connection.waiting.length === 0) {
      next.begin();
      return;
    }
    if (connection.waiting.push(next) > MAX_WAITING) {
      socket.destroy();
      return;
    }
    // Nothing more is read meanwhile; all of the request before has come.
    if (connection.hold !== undefined) return;
    connection.hold = () => socket.pause();
    socket.on('resume', connection.hold).pause();
    if (connection.closesQuietly) return;
    connection.closesQuietly = true;
    withoutStacksAtEnd(socket);
  }

  #next(socket: Socket, connection: Connection): void {
    if (connection.waiting.length === 0) return;
    // Others are served between: a client that sends thousands ahead must not keep them waiting.
    setImmediate(() => {
      if (socket.destroyed || socket.writableEnded) {
        connection.waiting.length = 0;
        return;
      }
      const next = connection.waiting.shift();
      if (connection.waiting.length === 0 && connection.hold !== undefined) {
        socket.off('resume', connection.hold).resume();
        connection.hold = undefined;
      }
      next?.begin();
      if (connection.current === undefined) this.#next(socket, connection);
    });
  }

  #of(socket: Socket): Connection {
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      connection = { current: undefined, waiting: [], hold: undefined, closesQuietly: false };
      this.#connections.set(socket, connection);
    }
    return connection;
  }
}

/**
 * Node makes an error with a stack for each request that a closed connection had ahead, all in one turn: nobody reads them, and
 * the stacks are most of what a thousand requests cost whose client does not wait for the answers.
 */
function withoutStacksAtEnd(socket: Socket): void {
  let usual = 0;
  socket.prependOnceListener('close', () => {
    usual = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  });
  socket.once('close', () => {
    Error.stackTraceLimit = usual;
  });
}
