import { SluiceError } from '@sluice/core';
import { faultyEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import assignContent from '../../plugins/policy-assign-content/src/index.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { websocket } from '../support/plugins.js';
import { wsClient } from '../support/ws-client.js';

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
    [
      'a text where a condition compares numbers',
      {
        selectors: [{ type: 'CONDITION', condition: "{#request.params['n'][0] > 10}" }],
        response: [header('a')],
      },
      '?n=abc',
      'x',
      400,
    ],
    [
      'a text where a header needs a number',
      { request: [header("{#request.params['n'][0] > 10 ? 'a' : 'b'}")] },
      '?n=abc',
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
    // A flow that cannot be chosen is warned of beside.
    expect(told.at(-1)?.level).toBe('info');
    for (const { members } of told) expect(members).not.toHaveProperty('err');
  },
);

test.each(['http-get', 'sse', 'websocket'])(
  'what ends a %s in its midst with a status below 500 is logged as information, without a stack',
  async (entrypoint) => {
    const definition = apiDefinition({ endpoint: 'test' }) as { listeners: { entrypoints: object[] }[] };
    const [listener] = definition.listeners;
    if (listener !== undefined) listener.entrypoints = [{ type: entrypoint }];
    const error = new SluiceError('CURSOR_EXPIRED', { cause: new Error('its records are gone') });
    const breaks = faultyEndpoint(numberedMessages(1), { breakSubscription: { after: 1, error } });
    const gateway = await startTestGateway({
      plugins: [websocket, endpointPlugin(breaks)],
      apis: [definition],
    });
    expect(gateway.problems).toEqual([]);
    const accept = entrypoint === 'sse' ? 'text/event-stream' : '*/*';
    const ended = () => gateway.log.lines.find(({ message }) => message.includes('by an error'));
    if (entrypoint === 'websocket') await (await wsClient(`${gateway.url}/test`)).closed();
    else await (await fetch(`${gateway.url}/test`, { headers: { accept } })).text();
    expect(ended()).toMatchObject({ level: 'info', message: expect.stringContaining(error.message) });
    expect(ended()?.members).toMatchObject({ reason: 'its records are gone' });
    expect(ended()?.members).not.toHaveProperty('err');
  },
);
