import assert from 'node:assert/strict';
import type { Message, MessageHeader } from '../../contract/message.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { PolicyHarness } from '../policy-harness.js';
import { delicateMessages } from './delicate.js';
import { contextOf, deploy, type MessagePhase, messagePhases, outcomeOf } from './deployed.js';
import { deepFreeze, snapshot } from './frozen.js';

/** What a policy does to messages, one by one. */
export function messageCases(harness: PolicyHarness): readonly ConformanceCase[] {
  return messagePhases(harness).flatMap((phase) => [
    onEach(harness, phase, 'the message handed in is not changed', async (message, what, run) => {
      const before = snapshot(message);
      const outcome = await run(deepFreeze(message));
      assert.equal(snapshot(message), before, what);
      assert.doesNotMatch('error' in outcome ? outcome.error : '', /TypeError/, what);
    }),
    onEach(harness, phase, 'what is to pass is handed on, and nothing else', async (message, what, run) => {
      const outcome = await run(message);
      const passed = 'message' in outcome && outcome.message !== null;
      const expected = harness.passes?.(message) ?? true;
      assert.equal(passed, expected, `${what}: ${snapshot(outcome)}`);
    }),
    onEach(harness, phase, 'id, key, timestamp and metadata stay', async (message, what, run) => {
      const place = ({ id, key, timestampMs, metadata }: Message) =>
        snapshot({ id, key, timestampMs, metadata });
      const outcome = await run(message);
      if ('message' in outcome && outcome.message !== null) {
        assert.equal(place(outcome.message), place(message), what);
      }
    }),
    onEach(harness, phase, 'tombstones, empty and binary contents survive', async (message, what, run) => {
      const outcome = await run(message);
      if (!('message' in outcome) || outcome.message === null || harness.writesContent?.(message)) return;
      assert.equal(snapshot(outcome.message.content), snapshot(message.content), what);
    }),
    onEach(harness, phase, 'other headers keep order, repeats and null', async (message, what, run) => {
      const others = (headers: readonly MessageHeader[]) =>
        headers.filter(([name]) => !(harness.headers ?? []).includes(name.toLowerCase()));
      const outcome = await run(message);
      if (!('message' in outcome) || outcome.message === null) return;
      assert.equal(snapshot(others(outcome.message.headers)), snapshot(others(message.headers)), what);
    }),
    onEach(harness, phase, 'attributes noted before stay', async (message, what, run) => {
      const outcome = await run(message);
      if (!('message' in outcome) || outcome.message === null) return;
      assert.equal(snapshot(outcome.message.attributes?.noted), snapshot(message.attributes?.noted), what);
    }),
  ]);
}

type Run = (message: Message) => ReturnType<typeof outcomeOf>;

/** A case that is tried on every delicate message, each with a policy of its own. */
function onEach(
  harness: PolicyHarness,
  phase: MessagePhase,
  name: string,
  check: (message: Message, what: string, run: Run) => Promise<void>,
): ConformanceCase {
  return {
    name: `${phase}: ${name}`,
    run: async () => {
      for (const [what, message] of delicateMessages()) {
        const policy = deploy(harness, harness.config);
        await check(message, what, (handed) => outcomeOf(policy, phase, handed, contextOf(harness, 'one')));
      }
    },
  };
}
