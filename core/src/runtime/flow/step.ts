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
export function stepsThatApply(steps: readonly Step[], ctx: ExecutionContext): MaybePromise<readonly Step[]> {
  return steps.some(({ condition }) => condition !== undefined) ? applyingSteps(steps, ctx) : steps;
}

async function applyingSteps(steps: readonly Step[], ctx: ExecutionContext): Promise<readonly Step[]> {
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
 * Takes one message through steps, at once where none of them waits: a wait per message costs more than most steps do.
 * @throws SluiceError what a step threw, as {@link policyError}
 */
export function runSteps(
  steps: readonly MessageStep[],
  message: Message,
  ctx: ExecutionContext,
): MaybePromise<Message | null> {
  return runFrom(0, steps, message, ctx);
}

function runFrom(
  first: number,
  steps: readonly MessageStep[],
  message: Message,
  ctx: ExecutionContext,
): MaybePromise<Message | null> {
  let current: Message = message;
  try {
    for (let at = first; at < steps.length; at++) {
      const next = (steps[at] as MessageStep)(current, ctx);
      if (next instanceof Promise) return next.then((left) => goOn(left, at + 1, steps, ctx), refuse);
      if (next === null) return null;
      current = given(next);
    }
    return current;
  } catch (thrown) {
    throw policyError(thrown);
  }
}

function goOn(
  left: Message | null,
  at: number,
  steps: readonly MessageStep[],
  ctx: ExecutionContext,
): MaybePromise<Message | null> {
  if (left === null) return null;
  return runFrom(at, steps, given(left), ctx);
}

function refuse(thrown: unknown): never {
  throw policyError(thrown);
}

/** @throws SluiceError when a policy gave back nothing, which is neither a message nor a drop */
function given(message: Message | undefined): Message {
  if (message !== undefined) return message;
  throw policyError(new TypeError('a policy gave back nothing for a message'));
}
