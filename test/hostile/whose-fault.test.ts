import { faultyEndpoint } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import assignContent from '../../plugins/policy-assign-content/src/index.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';

const header = (text: string) => ({
  policy: 'transform-headers',
  configuration: { addHeaders: [{ name: 'X-Echo', value: text }] },
});
const large = {
  policy: 'transform-headers',
  configuration: { addHeaders: [{ name: 'X-B', value: "{([1..20000] & '')}" }] },
};

/** What a client sends, where, and the status: each is the client's doing. */
const CASES: readonly (readonly [what: string, flow: object, query: string, body: string, status: number])[] =
  [
    [
      'a line end for a header',
      { response: [header("{#request.params['a'][0]}")] },
      '?a=1%0d%0ab:2',
      'x',
      400,
    ],
    ['more than an expression may build', { publish: [large] }, '', 'x', 413],
  ];

test.each(CASES)(
  '%s is answered 4xx, and logged as information without a stack',
  async (_, flow, query, body, status) => {
    const gateway = await startTestGateway({
      plugins: [transformHeaders, assignContent, endpointPlugin(faultyEndpoint([]))],
      apis: [{ ...apiDefinition({ endpoint: 'test' }), flows: [flow] }],
    });
    expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const answer = await fetch(`${gateway.url}/test${query}`, { method: 'POST', body });
    expect([
      answer.status,
      gateway.log.lines.filter(({ level }) => level === 'error').map(({ members }) => String(members.err)),
    ]).toEqual([status, []]);
    const told = gateway.log.lines.filter(({ members }) => members.requestId !== undefined);
    expect(told.map(({ level }) => level)).toEqual(['info']);
    expect(told[0]?.members).not.toHaveProperty('err');
  },
);
