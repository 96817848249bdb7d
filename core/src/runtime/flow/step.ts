import type { ExecutionContext } from '../../contract/context.js';
import { SluiceError } from '../../contract/errors.js';
import type { Message } from '../../contract/message.js';
import type { Condition, MaybePromise, Policy } from '../../contract/policy.js';

/** One policy of a flow in one phase, ready to run. */
export interface Step {
  readonly policy: Policy;
  /** Evaluated once for a request: whether the step runs at all. */
  readonly condition?: Condition;
  /** Evaluated for each message: whether the step runs on it. */
  readonly messageCondition?: Condition;
}

/** A message's way through steps; null when one dropped it. */
export type MessageStep = (message: Message, ctx: ExecutionContext) => MaybePromise<Message | null>;

/** A policy may throw anything: what is no error of ours is a fault of the policy, not of the request. */
export function policyError(thrown: unknown): SluiceError {
  return thrown instanceof SluiceError
    ? thrown
    : new SluiceError('GATEWAY_POLICY_INTERNAL_ERROR', { cause: thrown });
}

/** The steps whose condition holds for this request. @throws SluiceError when a condition cannot be evaluated */
export async function stepsThatApply(
  steps: readonly Step[],
  ctx: ExecutionContext,
): Promise<readonly Step[]> {
  const applying: Step[] = [];
  try {
    for (const step of steps) {
      if (step.condition === undefined || (await step.condition.holds(ctx))) applying.push(step);
    }
  } catch (thrown) {
    throw policyError(thrown);
  }
  return applying;
}

/** The publish or subscribe steps as functions; undefined when there is nothing to do for a message. */
export function messageSteps(
  steps: readonly Step[],
  phase: 'publish' | 'subscribe',
): readonly MessageStep[] | undefined {
  const compiled = steps.flatMap(({ policy, messageCondition }): MessageStep[] => {
    const run = phase === 'publish' ? policy.onPublish?.bind(policy) : policy.onSubscribe?.bind(policy);
    if (run === undefined) return [];
    if (messageCondition === undefined) return [run];
    return [
      (message, ctx) => {
        const holds = messageCondition.holds(ctx, message);
        if (typeof holds === 'boolean') return holds ? run(message, ctx) : message;
        return holds.then((yes) => (yes ? run(message, ctx) : message));
      },
    ];
  });
  return compiled.length === 0 ? undefined : compiled;
}

/**
 * Takes one message through steps, waiting only where a step does.
 * @throws SluiceError what a step threw, as {@link policyError}
 */
export async function runSteps(
  steps: readonly MessageStep[],
  message: Message,
  ctx: ExecutionContext,
): Promise<Message | null> {
  let current: Message | null = message;
  try {
    for (const step of steps) {
      const next: MaybePromise<Message | null> = step(current, ctx);
      current = next instanceof Promise ? await next : next;
      if (current === null) return null;
      if (current === undefined) throw new TypeError('a policy gave back nothing for a message');
    }
    return current;
  } catch (thrown) {
    throw policyError(thrown);
  }
}
