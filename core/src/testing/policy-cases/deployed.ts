import type { ExecutionContext } from '../../contract/context.js';
import type { Message } from '../../contract/message.js';
import type { MaybePromise, Phase, Policy } from '../../contract/policy.js';
import { compileSchema } from '../../definition/validator.js';
import { fakeContext } from '../fake-context.js';
import { fakeExpressions } from '../policy-expressions.js';
import type { PolicyHarness } from '../policy-harness.js';
import { recordingLogger } from '../recording-logger.js';

/** A phase that messages go through. */
export type MessagePhase = 'publish' | 'subscribe';

/** What became of a message: what was handed on (null when dropped), or the error it ended with. */
export type Outcome = { readonly message: Message | null } | { readonly error: string };

/** Deploys a policy as the gateway does: the schema first, with its defaults. @throws Error every problem found */
export function deploy({ plugin, expressions }: PolicyHarness, config: unknown): Policy {
  const filled = structuredClone(config);
  const problems = compileSchema(plugin.schema)(filled);
  if (problems.length > 0) {
    throw new Error(problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  }
  const host = { log: recordingLogger(), apiId: 'test-api', expressions: expressions ?? fakeExpressions() };
  return plugin.create(filled, host);
}

/** The message phases that a harness asks to try. */
export function messagePhases({ plugin, phases = plugin.phases }: PolicyHarness): readonly MessagePhase[] {
  return phases.filter((phase) => phase === 'publish' || phase === 'subscribe');
}

/** The exchange of a case. */
export function contextOf(harness: PolicyHarness, name: string): ExecutionContext {
  return harness.context?.(name) ?? fakeContext({ attributes: new Map([['exchange', name]]) });
}

/** Runs a policy on one message, whatever comes of it. */
export async function outcomeOf(
  policy: Policy,
  phase: MessagePhase,
  message: Message,
  ctx: ExecutionContext,
): Promise<Outcome> {
  try {
    const handed =
      phase === 'publish' ? policy.onPublish?.(message, ctx) : policy.onSubscribe?.(message, ctx);
    return { message: (await handed) ?? null };
  } catch (error) {
    return { error: String(error) };
  }
}

/** Runs a policy on an exchange; what it throws is the answer to that exchange. */
export async function runExchange(policy: Policy, phase: Phase, ctx: ExecutionContext): Promise<string> {
  try {
    const run: MaybePromise<void> | undefined =
      phase === 'request' ? policy.onRequest?.(ctx) : policy.onResponse?.(ctx, ctx.response);
    await run;
    return 'went on';
  } catch (error) {
    return String(error);
  }
}
