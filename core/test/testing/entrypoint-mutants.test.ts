import type { ByteSink, EntrypointHost, EntrypointPlugin, EntrypointResponse } from '@sluice/core';
import { type EntrypointHarness, entrypointConformance } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import { httpPost, sse } from '../../../test/support/plugins.js';
import { sseHarness } from '../../../test/support/sse-harness.js';

/** What a spoiled entrypoint does in place of the sound one; whatever is absent stays sound. */
interface Spoil {
  readonly manifest?: Partial<EntrypointPlugin>;
  readonly host?: (host: EntrypointHost) => Partial<EntrypointHost>;
  readonly answer?: (answer: Promise<EntrypointResponse>) => Promise<EntrypointResponse>;
  readonly sink?: (sink: ByteSink) => Partial<ByteSink>;
}

function spoiled(plugin: EntrypointPlugin, { manifest, host, answer, sink }: Spoil): EntrypointPlugin {
  const create: EntrypointPlugin['create'] = (config, pluginHost) => {
    const sound = plugin.create(config, pluginHost);
    return {
      handle: async (ctx, whole) => {
        const handled = sound.handle(ctx, { ...whole, ...host?.(whole) });
        const response = await (answer?.(handled) ?? handled);
        if (!('stream' in response)) return response;
        const stream = (real: ByteSink) =>
          response.stream({
            write: (chunk, taken) => real.write(chunk, taken),
            drained: () => real.drained(),
            stalledMs: 0,
            closed: real.closed,
            ...sink?.(real),
          });
        return { ...response, stream };
      },
    };
  };
  return { ...plugin, ...manifest, create };
}

const PUBLISHING: EntrypointHarness = { plugin: httpPost, request: () => ({ method: 'POST' }) };

const MUTANTS: readonly { does: string; harness: EntrypointHarness; spoil: Spoil; fails: RegExp }[] = [
  {
    does: 'matches every method',
    harness: PUBLISHING,
    spoil: { manifest: { matches: () => true } },
    fails: /it matches no method/,
  },
  {
    does: 'takes options it does not know',
    harness: PUBLISHING,
    spoil: { manifest: { schema: { type: 'object' } } },
    fails: /refuses an unknown member/,
  },
  {
    does: 'answers before the message is stored',
    harness: PUBLISHING,
    spoil: { answer: () => Promise.resolve({ status: 202 }) },
    fails: /nothing is answered before/,
  },
  {
    does: 'answers 202 to a message that was refused',
    harness: PUBLISHING,
    spoil: { answer: (answer) => answer.catch(() => ({ status: 202 })) },
    fails: /a message that is refused/,
  },
  {
    does: 'reads the body as text',
    harness: PUBLISHING,
    spoil: { host: (host) => ({ body: async () => Buffer.from((await host.body()).toString()) }) },
    fails: /byte for byte/,
  },
  {
    does: 'publishes twice',
    harness: PUBLISHING,
    spoil: {
      host: (host) => ({
        publish: async (messages) => {
          await host.publish(messages);
          return host.publish(messages);
        },
      }),
    },
    fails: /as one message/,
  },
  {
    does: 'ignores the cursor',
    harness: sseHarness,
    spoil: { host: (host) => ({ subscribe: ({ cursor: _, ...rest }) => host.subscribe(rest) }) },
    fails: /comes back with its last cursor/,
  },
  {
    does: 'writes on when there is no room',
    harness: sseHarness,
    spoil: {
      sink: (sink) => ({
        write: (chunk, taken) => {
          sink.write(chunk, taken);
          return true;
        },
      }),
    },
    fails: /a client that takes nothing stops the pulling/,
  },
  {
    does: 'acknowledges what it has only written',
    harness: sseHarness,
    spoil: {
      sink: (sink) => ({
        write: (chunk, taken) => {
          taken?.();
          return sink.write(chunk);
        },
      }),
    },
    fails: /nothing is acknowledged before|what a client never took/,
  },
  {
    does: 'never acknowledges',
    harness: sseHarness,
    spoil: { sink: (sink) => ({ write: (chunk) => sink.write(chunk) }) },
    fails: /then all is/,
  },
  {
    does: 'writes a batch twice',
    harness: sseHarness,
    spoil: {
      sink: (sink) => ({
        write: (chunk, taken) => {
          sink.write(chunk);
          return sink.write(chunk, taken);
        },
      }),
    },
    fails: /reaches the client once/,
  },
  {
    does: 'does not see its client leave',
    harness: sseHarness,
    spoil: { sink: () => ({ closed: new AbortController().signal }) },
    fails: /a client that (leaves|has gone)/,
  },
  {
    does: 'does not see the gateway stop',
    harness: sseHarness,
    spoil: { host: () => ({ stopping: new AbortController().signal }) },
    fails: /a gateway that/,
  },
  {
    does: 'leaves its subscription open',
    harness: sseHarness,
    spoil: {
      host: (host) => ({
        subscribe: async (request) => {
          const inner = await host.subscribe(request);
          let closed = () => {};
          const closing = new Promise<IteratorReturnResult<undefined>>((resolve) => {
            closed = () => resolve({ done: true, value: undefined });
          });
          return {
            startCursor: inner.startCursor,
            close: async () => closed(),
            [Symbol.asyncIterator]: () => {
              const batches = inner[Symbol.asyncIterator]();
              return { next: () => Promise.race([batches.next(), closing]) };
            },
          };
        },
      }),
    },
    fails: /leaves no subscription|ends its subscription|ends the stream and its subscription/,
  },
];

describe('the conformance suite of entrypoints finds an entrypoint that', () => {
  test.concurrent.each(MUTANTS)('$does', async ({ harness, spoil, fails }) => {
    const plugin = spoiled(harness.plugin, spoil);
    const cases = entrypointConformance({ ...harness, plugin, patienceMs: 300 }).filter(
      ({ name, skip }) => skip === undefined && fails.test(name),
    );
    expect(cases).not.toEqual([]);
    const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
  });

  test('is sound with nothing spoiled', async () => {
    for (const harness of [PUBLISHING, { ...sseHarness, plugin: sse }]) {
      const plugin = spoiled(harness.plugin, {});
      const cases = entrypointConformance({ ...harness, plugin }).filter(({ skip }) => skip === undefined);
      for (const { run } of cases) await run();
    }
  });
});
