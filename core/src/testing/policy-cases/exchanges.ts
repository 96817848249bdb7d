import assert from 'node:assert/strict';
import type { ExecutionContext } from '../../contract/context.js';
import type { Policy } from '../../contract/policy.js';
import type { ConformanceCase } from '../conformance-case.js';
import { numberedMessages } from '../messages.js';
import type { PolicyHarness } from '../policy-harness.js';
import { delicateMessages } from './delicate.js';
import { contextOf, deploy, messagePhases, outcomeOf, runExchange } from './deployed.js';
import { snapshot } from './frozen.js';

/** Runs a policy in one exchange; tells all that came of it. */
type Run = (policy: Policy, ctx: ExecutionContext) => Promise<unknown>;

/** One policy serves many exchanges at a time, which do not see each other. */
export function exchangeCases(harness: PolicyHarness): readonly ConformanceCase[] {
  const { phases = harness.plugin.phases } = harness;
  const exchanges = phases.filter((phase) => phase === 'request' || phase === 'response');
  const messages = () => [...delicateMessages().map(([, message]) => message), ...numberedMessages(5)];
  return [
    ...exchanges.map((phase) =>
      apart(harness, phase, async (policy, ctx) => [await runExchange(policy, phase, ctx), seen(ctx)]),
    ),
    ...messagePhases(harness).map((phase) =>
      apart(harness, phase, async (policy, ctx) => {
        const outcomes: unknown[] = [];
        for (const message of messages()) outcomes.push(await outcomeOf(policy, phase, message, ctx));
        return [outcomes, seen(ctx)];
      }),
    ),
  ];
}

/** What a policy can have left behind in an exchange. */
const seen = ({ attributes, request, response }: ExecutionContext) => ({
  attributes,
  request: request.headers,
  response: response.status,
});

/** Each exchange gives the same beside another as alone. */
function apart(harness: PolicyHarness, phase: string, run: Run): ConformanceCase {
  return {
    name: `${phase}: two exchanges at once do not mix`,
    run: async () => {
      const alone: string[] = [];
      for (const name of ['one', 'two']) {
        alone.push(snapshot(await run(deploy(harness, harness.config), contextOf(harness, name))));
      }
      const shared = deploy(harness, harness.config);
      const together = await Promise.all(['one', 'two'].map((name) => run(shared, contextOf(harness, name))));
      assert.deepEqual(together.map(snapshot), alone);
    },
  };
}
