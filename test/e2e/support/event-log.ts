import { EventSource } from 'eventsource';
import { onTestFinished } from 'vitest';

/** One event as a client logged it. */
export interface LoggedEvent {
  readonly type: string;
  readonly id: string;
  readonly data: string;
}

/** A real EventSource client that logs what it is given, in order. */
export interface EventLog {
  readonly events: readonly LoggedEvent[];
  readonly source: EventSource;
  /** How often it has connected. */
  readonly connects: number;
  /** Resolves when the log satisfies the condition, else rejects after the time with what is there. */
  until(condition: (events: readonly LoggedEvent[]) => boolean, timeoutMs: number): Promise<void>;
  close(): void;
}

const TYPES = ['message', 'binary', 'tombstone', 'gap', 'goaway'];

/** Opens a stream. `headers` are sent with every request. */
export function openEventLog(url: string, headers: Readonly<Record<string, string>> = {}): EventLog {
  const events: LoggedEvent[] = [];
  const waiting = new Set<() => void>();
  let connects = 0;
  const source = new EventSource(url, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
  });
  source.addEventListener('open', () => {
    connects++;
    for (const check of waiting) check();
  });
  for (const type of TYPES) {
    source.addEventListener(type, (event) => {
      events.push({ type, id: event.lastEventId, data: event.data as string });
      for (const check of waiting) check();
    });
  }
  onTestFinished(() => source.close());
  return {
    events,
    source,
    get connects() {
      return connects;
    },
    until: (condition, timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = (error?: Error) => {
          clearTimeout(timer);
          waiting.delete(check);
          if (error === undefined) resolve();
          else reject(error);
        };
        const check = () => condition(events) && finish();
        const timer = setTimeout(() => {
          const last = JSON.stringify(events.slice(-3));
          finish(new Error(`not there after ${timeoutMs} ms: ${events.length} events, the last ${last}`));
        }, timeoutMs);
        waiting.add(check);
        check();
      }),
    close: () => source.close(),
  };
}
