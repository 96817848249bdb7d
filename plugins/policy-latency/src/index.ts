import { setTimeout as delay } from 'node:timers/promises';
import { definePolicy, type ExecutionContext, type Message, type Policy, SluiceError } from '@sluice/core';

/** The configuration of the `latency` policy. */
export interface LatencyConfig {
  readonly time: number;
  readonly dynamicTime?: string;
  readonly timeUnit: 'MILLISECONDS' | 'SECONDS';
}

/** A longer wait would outlast what clients and proxies wait for. */
const MAX_MS = 60_000;

/**
 * Waits before a request or each message goes on. When the client is gone or the gateway stops, the wait is over at
 * once: what was to be done for the client is not done any more.
 */
export default definePolicy<LatencyConfig>({
  kind: 'policy',
  id: 'latency',
  formatOptions: 'all',
  aliases: ['policy-latency'],
  phases: ['request', 'publish', 'subscribe'],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      scope: { type: 'string', description: 'Has no effect: the phase a step stands in decides.' },
      time: {
        type: 'integer',
        minimum: 0,
        default: 100,
        description: 'How long a request or message waits; one minute at most.',
      },
      dynamicTime: {
        type: 'string',
        description: 'An expression that gives the time, in place of `time`; more than a minute is a minute.',
      },
      timeUnit: {
        enum: ['MILLISECONDS', 'SECONDS'],
        default: 'MILLISECONDS',
        description: 'The unit of `time`.',
      },
    },
  },
  create({ time, dynamicTime = '', timeUnit }, { expressions }): Policy {
    const unitMs = timeUnit === 'SECONDS' ? 1000 : 1;
    const ms = time * unitMs;
    if (ms > MAX_MS) throw new Error(`time: ${ms} ms is more than the ${MAX_MS} ms a step may wait`);
    const dynamic = dynamicTime.trim() === '' ? undefined : expressions.template(dynamicTime);
    const wait = async (ctx: ExecutionContext, message?: Message): Promise<boolean> => {
      const waitMs = dynamic === undefined ? ms : timeOf(await dynamic.evaluate(ctx, message)) * unitMs;
      try {
        await delay(Math.min(waitMs, MAX_MS), undefined, { signal: ctx.signal });
        return true;
      } catch {
        return false;
      }
    };
    const waitOrEnd = async (ctx: ExecutionContext, message?: Message) => {
      if (!(await wait(ctx, message))) throw new SluiceError('goaway');
    };
    return {
      onRequest: (ctx) => waitOrEnd(ctx),
      async onPublish(message, ctx) {
        await waitOrEnd(ctx, message);
        return message;
      },
      // The stream of a client that is gone ends by itself, and an error would be one more thing to tell it.
      async onSubscribe(message, ctx) {
        await wait(ctx, message);
        return message;
      },
    };
  },
});

/** @throws SluiceError when an expression gave no time */
function timeOf(value: unknown): number {
  const time = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof time === 'number' && time >= 0) return time;
  throw new SluiceError('POLICY_INTERRUPTED', {
    code: 'LATENCY_INVALID_TIME',
    status: 500,
    message: 'Invalid latency time',
    cause: new Error(`the dynamicTime of latency gave ${JSON.stringify(value)}`),
  });
}
