import type { StoredAt } from '../contract/endpoint.js';
import type { Message } from '../contract/message.js';

/** The topic name that a memory endpoint states. */
export const MEMORY_TOPIC = 'memory';

/** Messages kept in this process. Those of one key share a partition; those without one are spread in turn. */
export class MemoryLog {
  readonly partitions: readonly (readonly Message[])[];
  readonly #writable: Message[][];
  readonly #watchers = new Set<() => void>();
  #withoutKey = 0;

  constructor(partitions: number) {
    this.#writable = Array.from({ length: partitions }, () => []);
    this.partitions = this.#writable;
  }

  /** Stores one message; its id and metadata then say where it lies. */
  append(message: Message): StoredAt {
    const place = message.key === null ? this.#withoutKey++ : sum(message.key);
    const partition = place % this.#writable.length;
    const messages = this.#writable[partition] as Message[];
    const offset = messages.length;
    const id = `${MEMORY_TOPIC}@${partition}#${offset}`;
    const stored = { topic: MEMORY_TOPIC, partition, offset };
    messages.push({ ...message, id, metadata: { ...message.metadata, ...stored } });
    for (const watcher of this.#watchers) watcher();
    return stored;
  }

  /** Calls `watcher` after each append, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

function sum(bytes: Buffer): number {
  return bytes.reduce((total, byte) => total + byte, 0);
}
