import { rm } from 'node:fs/promises';
import { createTopic, deleteTopic, type TopicOptions } from './admin.js';
import { awaitStopped } from './await-stopped.js';
import { type BrokerHome, launchBroker } from './broker-process.js';
import type { GuardedProcess } from './guarded-process.js';

const stopLimitMs = 15_000;

/** One real Kafka broker, its own controller, on loopback. It cannot outlive the process that started it. */
export interface KafkaBroker {
  /** For `bootstrap.servers`; stays the same over `kill()` and `restart()`. */
  readonly bootstrapServers: string;
  /** Where one of the further listeners serves. Throws when there is none of that name. */
  addressOf(listener: string): string;
  /** The broker's log of all its starts, readable until `stop()`. */
  readonly logFile: string;
  /** The id of the running process, null while there is none. */
  readonly pid: number | null;
  /** See `createTopic` of admin.ts. */
  createTopic(name: string, options?: TopicOptions): Promise<void>;
  /** See `deleteTopic` of admin.ts. */
  deleteTopic(name: string): Promise<void>;
  /**
   * Shuts the broker down in order (with SIGKILL after 15 seconds) and removes its data. May be called twice.
   */
  stop(): Promise<void>;
  /** Ends the broker with SIGKILL; its data and ports are kept for `restart()`. */
  kill(): Promise<void>;
  /**
   * Starts the broker again on its data and ports, after an orderly shutdown if it still runs. After `kill()`
   * it takes two seconds more: the controller lets the session of the killed broker run out.
   */
  restart(): Promise<void>;
  /**
   * Freezes the process (SIGSTOP): connections stay open, and once this resolves nothing is answered. Rejects
   * when it does not run.
   */
  pause(): Promise<void>;
  /** Lets a frozen process go on. Throws when it does not run. */
  resume(): void;
}

/** The controls of a broker that serves clients at `bootstrapServers`; `first` is its process. */
export function controlBroker(
  home: BrokerHome,
  bootstrapServers: string,
  first: GuardedProcess,
  listeners: ReadonlyMap<string, string> = new Map(),
): KafkaBroker {
  let current = first;
  let removed = false;
  const runningPid = () => {
    const { exitCode, signalCode, pid } = current.child;
    return exitCode === null && signalCode === null && pid !== undefined ? pid : null;
  };
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    const pid = runningPid();
    if (pid === null) {
      throw new Error(`the Kafka broker does not run, it cannot get ${name}`);
    }
    current.child.kill(name);
    return pid;
  };
  const shutDown = async () => {
    // A frozen process would not see SIGTERM.
    current.child.kill('SIGCONT');
    current.child.kill('SIGTERM');
    const timer = setTimeout(() => current.child.kill('SIGKILL'), stopLimitMs);
    await current.exited;
    clearTimeout(timer);
  };
  return {
    bootstrapServers,
    addressOf(listener) {
      const address = listeners.get(listener);
      if (address === undefined) throw new Error(`the Kafka broker has no listener ${listener}`);
      return address;
    },
    logFile: home.logFile,
    get pid() {
      return runningPid();
    },
    createTopic: (name, options) => createTopic(bootstrapServers, name, options),
    deleteTopic: (name) => deleteTopic(bootstrapServers, name),
    async stop() {
      removed = true;
      await shutDown();
      await rm(home.folder, { recursive: true, force: true });
      current.release();
    },
    async kill() {
      current.child.kill('SIGKILL');
      await current.exited;
    },
    async restart() {
      if (removed) {
        throw new Error('the Kafka broker was stopped and its data removed; start another one');
      }
      await shutDown();
      const previous = current;
      current = await launchBroker(home);
      previous.release();
    },
    pause: async () => awaitStopped(signal('SIGSTOP')),
    resume: () => void signal('SIGCONT'),
  };
}
