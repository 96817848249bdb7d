import type { Worker } from 'node:cluster';

/** What node's cluster sends a worker with a connection; the worker acknowledges it by its number. */
interface Handoff {
  readonly cmd: 'NODE_CLUSTER';
  readonly act: 'newconn';
  readonly seq: number;
}

/** The connection that goes with it, which this process keeps open until the acknowledgement. */
interface Handle {
  close(): void;
}

type Send = (message: unknown, handle?: Handle, ...rest: unknown[]) => boolean;

/**
 * Connections on their way to workers. Node gives each to a worker and waits for its acknowledgement; when the worker is killed
 * before that, node forgets the connection and leaves it open, so that its client waits for ever. Here it goes to another
 * worker, or is closed. This relies on messages that node does not document: where they look otherwise nothing is done.
 */
export class Handoffs {
  readonly #underway = new Map<Worker, Map<number, readonly [Handoff, Handle]>>();

  /** Watches a worker from before its first connection until it ends. */
  watch(worker: Worker): void {
    const { process: child } = worker;
    const sent = new Map<number, readonly [Handoff, Handle]>();
    this.#underway.set(worker, sent);
    const send = child.send.bind(child) as Send;
    const watched: Send = (message, handle, ...rest) => {
      if (handle !== undefined && isHandoff(message)) sent.set(message.seq, [message, handle]);
      return send(message, handle, ...rest);
    };
    Object.defineProperty(child, 'send', { value: watched, configurable: true, writable: true });
    child.on('internalMessage', (message: { readonly ack?: number }) => {
      if (message.ack !== undefined) sent.delete(message.ack);
    });
    child.once('exit', () => {
      this.#underway.delete(worker);
      for (const [message, handle] of sent.values()) this.#giveOn(message, handle);
    });
  }

  /** Node still waits for the acknowledgement, whoever it comes from. */
  #giveOn(message: Handoff, handle: Handle): void {
    const other = [...this.#underway.keys()].find((worker) => worker.isConnected() && !worker.isDead());
    if (other === undefined) handle.close();
    else (other.process.send as Send)(message, handle);
  }
}

function isHandoff(message: unknown): message is Handoff {
  if (typeof message !== 'object' || message === null) return false;
  const { cmd, act, seq } = message as Partial<Record<keyof Handoff, unknown>>;
  return cmd === 'NODE_CLUSTER' && act === 'newconn' && typeof seq === 'number';
}
