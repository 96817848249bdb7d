import assignAttributes from '@sluice/policy-assign-attributes';
import interrupt from '@sluice/policy-interrupt';
import filtering from '@sluice/policy-message-filtering';
import rateLimit from '@sluice/policy-rate-limit';
import transformHeaders from '@sluice/policy-transform-headers';
import { expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

const plugins = [assignAttributes, interrupt, filtering, rateLimit, transformHeaders];

/** What real definitions write, in their own spelling. */
test('a flow with conditions, attributes, headers and an interruption has its effect', async () => {
  const gateway = await startTestGateway({
    plugins,
    apis: [
      {
        ...apiDefinition(),
        properties: [{ key: 'tenant', value: 'acme' }],
        flows: [
          {
            name: 'marked',
            selectors: [
              {
                type: 'CHANNEL',
                operations: ['PUBLISH'],
                channel: '/:region',
                channelOperator: 'STARTS_WITH',
              },
              { type: 'CONDITION', condition: "{#request.headers['X-Mark'] != null}" },
            ],
            request: [
              {
                policy: 'assign-attributes',
                configuration: { attributes: [{ name: 'mark', value: "{#request.headers['X-Mark'][0]}" }] },
              },
            ],
            response: [
              {
                policy: 'transform-headers',
                configuration: {
                  addHeaders: [
                    { name: 'X-Was', value: "{#context.attributes['mark']} of {#properties['tenant']}" },
                    { name: 'X-Region', value: "{#request.pathParams['region']}" },
                  ],
                },
              },
            ],
            publish: [
              {
                policy: 'policy-interrupt',
                messageCondition: "{#jsonPath(#message.content, '$.bad') == true}",
                configuration: { errorKey: 'BAD', statusCode: 412, message: 'no {#context.attributes.mark}' },
              },
            ],
          },
        ],
      },
    ],
  });
  expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${gateway.url}/test/eu`, { method: 'POST', body, headers: { accept: '*/*', ...headers } });

  const good = await post('{"bad": false}', { 'X-Mark': 'gold' });
  expect(good.status).toBe(202);
  expect(good.headers.get('x-was')).toBe('gold of acme');
  expect(good.headers.get('x-region')).toBe('eu');

  const bad = await post('{"bad": true}', { 'X-Mark': 'gold' });
  expect(bad.status).toBe(412);
  expect(await bad.json()).toMatchObject({ key: 'BAD', message: 'no gold' });

  const unmarked = await post('{"bad": true}', {});
  expect(unmarked.status).toBe(202);
  expect(unmarked.headers.get('x-was')).toBeNull();
});

test('a filter lets through what holds, and an expression that cannot work is refused with its place', async () => {
  const filter = (text: string) => ({ policy: 'message-filtering', configuration: { filter: text } });
  const gateway = await startTestGateway({
    plugins,
    apis: [
      {
        ...apiDefinition({
          configuration: { messageInterval: 0, messageCount: 4, messageContent: '{"a":1}' },
        }),
        flows: [{ subscribe: [filter("{#message.id == '2'}")] }],
      },
      { ...apiDefinition({ id: 'wrong' }), flows: [{ subscribe: [filter('{#message.contnt == 1}')] }] },
    ],
  });
  const text = await (
    await fetch(`${gateway.url}/test`, { headers: { accept: 'text/event-stream' } })
  ).text();
  expect(text.match(/^id: .*$/gm)?.slice(1)).toEqual(['id: 2']);
  expect(gateway.problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
    expect.stringMatching(/^\$\.flows\[0\]\.subscribe\[0\]\.configuration .*contnt.*content/s),
  ]);
});

test('headers that a step of the request phase sets reach the client, and those of the framing do not', async () => {
  const rate = { limit: 5, periodTime: 1, periodTimeUnit: 'MINUTES' };
  const gateway = await startTestGateway({
    plugins,
    apis: [
      {
        ...apiDefinition(),
        flows: [
          {
            request: [{ policy: 'rate-limit', configuration: { addHeaders: true, rate } }],
            response: [
              {
                policy: 'transform-headers',
                configuration: { addHeaders: [{ name: 'Content-Length', value: '999' }] },
              },
            ],
          },
        ],
      },
    ],
  });
  const response = await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' });
  expect(response.status).toBe(202);
  expect(response.headers.get('x-rate-limit-limit')).toBe('5');
  expect(await response.text()).toBe('');
  const second = await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x' });
  expect(second.headers.get('x-rate-limit-remaining')).toBe('3');
});
