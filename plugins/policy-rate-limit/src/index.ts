import {
  definePolicy,
  type ExecutionContext,
  type Message,
  type Policy,
  SluiceError,
  textOf,
} from '@sluice/core';
import { RATE_LIMIT_SCHEMA, type RateLimitConfig } from './config.js';
import { type Count, Counters } from './counters.js';

/** Timers of the runtime reach no further. */
const MAX_PERIOD_SECONDS = 24 * 60 * 60;

/**
 * Lets so many requests, or so many published messages, through in a period, for each client, plan or key. Each further
 * one ends with 429.
 */
export default definePolicy<RateLimitConfig>({
  kind: 'policy',
  id: 'rate-limit',
  aliases: ['policy-rate-limit'],
  phases: ['request', 'publish'],
  schema: RATE_LIMIT_SCHEMA,
  create({ addHeaders, rate }, { expressions }): Policy {
    const { limit, dynamicLimit, dynamicPeriodTime = '', key, periodTime, periodTimeUnit, useKeyOnly } = rate;
    const seconds = periodTimeUnit === 'MINUTES' ? periodTime * 60 : periodTime;
    if (seconds > MAX_PERIOD_SECONDS) throw new Error('rate.periodTime: a period is one day at most');
    if (limit === 0 && dynamicLimit === undefined) {
      throw new Error('rate: "limit" is missing; give it, or an expression in "dynamicLimit"');
    }
    if (useKeyOnly && key === '') throw new Error('rate: "useKeyOnly" needs a "key"');
    const keyTemplate = expressions.template(key);
    const limitTemplate = expressions.template(dynamicLimit ?? '');
    const periodTemplate = dynamicPeriodTime === '' ? undefined : expressions.template(dynamicPeriodTime);
    const counters = { request: new Counters(), publish: new Counters() };

    const limitOf = async (ctx: ExecutionContext, message?: Message): Promise<number> =>
      limit > 0 ? limit : numberOf('dynamicLimit', await limitTemplate.evaluate(ctx, message));
    const periodOf = async (ctx: ExecutionContext, message?: Message): Promise<number> => {
      if (periodTemplate === undefined) return seconds;
      const found = numberOf('dynamicPeriodTime', await periodTemplate.evaluate(ctx, message));
      return Math.min(Math.max(1, found), MAX_PERIOD_SECONDS);
    };
    const take = async (phase: keyof typeof counters, ctx: ExecutionContext, message?: Message) => {
      const allowed = await limitOf(ctx, message);
      const own = textOf(await keyTemplate.evaluate(ctx, message));
      const period = await periodOf(ctx, message);
      const name = useKeyOnly ? own : JSON.stringify([...clientOf(ctx), own]);
      const counted = await counters[phase].count(name, period);
      const headers = addHeaders ? headersOf(allowed, counted) : {};
      for (const [name, value] of Object.entries(headers)) ctx.response.headers.set(name, [value]);
      if (counted.used <= allowed) return;
      throw new SluiceError('POLICY_INTERRUPTED', {
        code: 'RATE_LIMIT_TOO_MANY_REQUESTS',
        status: 429,
        message: `Rate limit exceeded: ${allowed} in ${period} seconds`,
        retryAfterSeconds: Math.max(1, Math.ceil(counted.msToReset / 1000)),
        headers,
      });
    };
    return {
      onRequest: (ctx) => take('request', ctx),
      async onPublish(message, ctx) {
        await take('publish', ctx, message);
        return message;
      },
    };
  },
});

/** @throws Error when an expression gave no number */
function numberOf(option: string, value: unknown): number {
  const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof found === 'number' && Number.isFinite(found)) return Math.max(0, Math.floor(found));
  throw new Error(`the ${option} of rate-limit gave no number: ${JSON.stringify(value)}`);
}

/** The plan, and who asks: a client identifier is not proof, since clients choose it. */
function clientOf({ subscription }: ExecutionContext): readonly string[] {
  return [subscription.planId ?? '', subscription.id];
}

function headersOf(limit: number, { used, msToReset }: Count): Readonly<Record<string, string>> {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(Math.max(0, limit - used)),
    'x-rate-limit-reset': String(Date.now() + msToReset),
  };
}
