import assert from 'node:assert/strict';
import type { RequestHead } from '../../contract/entrypoint.js';
import { QOS_LEVELS } from '../../contract/qos.js';
import { compileSchema } from '../../definition/validator.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { EntrypointHarness } from '../entrypoint-harness.js';
import { fakeContext } from '../fake-context.js';

/** What an entrypoint says of itself. */
export function manifestCases(harness: EntrypointHarness): readonly ConformanceCase[] {
  const { plugin, configuration = {} } = harness;
  const head = (): RequestHead => fakeContext({ request: harness.request({}) }).request;
  const refused = (value: unknown) => compileSchema(plugin.schema)(structuredClone(value));
  return [
    {
      name: 'it matches the request of its protocol, whose method it names',
      run: async () => {
        assert.ok(plugin.matches(head()));
        if (plugin.listener === 'http') assert.ok(plugin.methods?.includes(head().method));
      },
    },
    {
      name: 'it matches no method that it does not name',
      run: async () => {
        const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get', ''];
        const taken = others.filter((method) => plugin.matches({ ...head(), method }));
        assert.deepEqual(
          taken.filter((method) => plugin.methods?.includes(method) !== true),
          [],
        );
      },
    },
    {
      name: 'it offers known levels, and needs nothing of an endpoint at none',
      run: async () => {
        for (const qos of plugin.qos) assert.ok(QOS_LEVELS.includes(qos), qos);
        assert.deepEqual(plugin.requires?.('none') ?? [], []);
      },
    },
    {
      name: 'its schema takes an empty configuration and the one given, and refuses an unknown member',
      run: async () => {
        assert.deepEqual(refused({}), []);
        assert.deepEqual(refused(configuration), []);
        assert.equal(refused({ ...configuration, noSuchOption: 1 }).length, 1);
      },
    },
  ];
}
