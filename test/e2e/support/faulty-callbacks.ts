import { setTimeout as delay } from 'node:timers/promises';
import { type SinkAnswer, type WebhookSink, webhookSink } from '../../support/webhook-sink.js';

/** What callbacks took, by path: the numbers in the order they were accepted. */
export interface FaultyCallbacks {
  readonly sink: WebhookSink;
  accepted(path: string): readonly number[];
  /** How many calls met each fault. */
  readonly faults: ReadonlyMap<string, number>;
}

const FAULTS = ['500', 'hang', 'reset', 'redirect', '429', 'taken then reset'] as const;

/**
 * Callbacks of which a tenth fail by chance, each in one of several ways; a record whose number `poison` names is
 * refused always. A call counts as accepted when its record was taken, whatever became of the answer.
 */
export async function faultyCallbacks(poison: (number: number) => boolean): Promise<FaultyCallbacks> {
  const taken = new Map<string, number[]>();
  const faults = new Map<string, number>();
  const accept = (path: string, number: number) => {
    const list = taken.get(path) ?? [];
    list.push(number);
    taken.set(path, list);
  };
  const failing = (fault: (typeof FAULTS)[number], path: string, number: number): SinkAnswer => {
    faults.set(fault, (faults.get(fault) ?? 0) + 1);
    switch (fault) {
      case '500':
        return 500;
      case 'hang':
        return () => {};
      case 'reset':
        return (_, __, request) => request.socket.resetAndDestroy();
      case 'redirect':
        return (_, response) => response.writeHead(307, { location: '/elsewhere' }).end();
      case '429':
        return (_, response) => response.writeHead(429, { 'retry-after': '1' }).end();
      case 'taken then reset':
        accept(path, number);
        return (_, __, request) => request.socket.destroy();
    }
  };
  const sink = await webhookSink(({ path, body }) => {
    const number = Number(body.toString());
    if (poison(number)) return 503;
    if (Math.random() < 0.1) {
      return failing(FAULTS[Math.floor(Math.random() * FAULTS.length)] ?? '500', path, number);
    }
    accept(path, number);
    return 200;
  });
  return { sink, accepted: (path) => taken.get(path) ?? [], faults };
}

/** Resolves once `condition` holds. @throws Error with `state` after `timeoutMs` */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  state: () => unknown,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms: ${JSON.stringify(state())}`);
    await delay(50);
  }
}
