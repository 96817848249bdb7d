import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect } from 'vitest';
import interrupt from '../../plugins/policy-interrupt/src/index.js';
import jsonValidation from '../../plugins/policy-json-validation/src/index.js';
import filtering from '../../plugins/policy-message-filtering/src/index.js';
import rateLimit from '../../plugins/policy-rate-limit/src/index.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import apiKey from '../../plugins/security-api-key/src/index.js';
import jwt from '../../plugins/security-jwt/src/index.js';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { mutate } from '../support/mutate.js';
import { webhook, websocket } from '../support/plugins.js';
import { fc } from '../support/property.js';
import { admin, pushApi, subscription } from '../support/push-api.js';
import { fuzz } from './fuzzing.js';

const PLUGINS = [
  interrupt,
  jsonValidation,
  filtering,
  rateLimit,
  transformHeaders,
  apiKey,
  jwt,
  webhook,
  websocket,
];

/** A definition with much of the format in it. */
const DEFINITION = {
  id: 'fuzz',
  name: 'fuzz',
  version: '1',
  type: 'message',
  definitionVersion: '4.0.0',
  properties: [{ key: 'k', value: 'v' }],
  tags: ['a'],
  listeners: [
    {
      type: 'http',
      paths: [{ path: '/fuzz', host: 'localhost', overrideAccess: true }],
      cors: { enabled: true, allowOrigin: ['*'], allowMethods: ['GET'], maxAge: 1, runPolicies: true },
      entrypoints: [
        {
          type: 'http-get',
          qos: 'auto',
          configuration: { messagesLimitCount: 2, messagesLimitDurationMs: 10 },
        },
        { type: 'http-post', configuration: { requestHeadersToMessage: true } },
        { type: 'sse', qos: 'none', configuration: { retryTimeInMs: 3000, heartbeatIntervalInMs: 5000 } },
        { type: 'websocket', configuration: { publisher: { enabled: true }, subscriber: { enabled: true } } },
      ],
    },
    {
      type: 'subscription',
      entrypoints: [{ type: 'webhook', configuration: { http: { connectTimeout: 9 } } }],
    },
  ],
  endpointGroups: [
    {
      name: 'g',
      type: 'test',
      loadBalancer: { type: 'ROUND_ROBIN' },
      services: {},
      endpoints: [{ name: 'e', type: 'test', weight: 1, inheritConfiguration: false, configuration: {} }],
    },
  ],
  flowExecution: { mode: 'DEFAULT', matchRequired: false },
  flows: [
    {
      name: 'f',
      enabled: true,
      selectors: [
        { type: 'CHANNEL', channel: '/', channelOperator: 'STARTS_WITH', operations: ['PUBLISH'] },
        { type: 'CONDITION', condition: "{#request.headers['a'] != null}" },
      ],
      request: [
        {
          policy: 'rate-limit',
          configuration: { rate: { limit: 9, periodTime: 1, periodTimeUnit: 'MINUTES' } },
        },
      ],
      publish: [
        {
          policy: 'json-validation',
          configuration: { schema: '{"type":"object"}' },
          messageCondition: '{true}',
        },
        {
          policy: 'transform-headers',
          configuration: { addHeaders: [{ name: 'a', value: '{#message.id}' }] },
        },
      ],
      subscribe: [{ policy: 'message-filtering', configuration: { filter: "{#message.content == '1'}" } }],
    },
  ],
  plans: [
    { id: 'p', name: 'p', security: { type: 'key-less' }, mode: 'standard', status: 'published', flows: [] },
    { id: 'q', name: 'q', security: { type: 'api-key' }, selectionRule: "{#request.params['a'] != null}" },
    { id: 'r', name: 'r', mode: 'push', flows: [] },
  ],
  responseTemplates: { DEFAULT: { '*/*': { status: 400, body: '{#error.message}', headers: { A: 'b' } } } },
  resources: [],
};

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      undefined,
      null,
      '',
      0,
      -1,
      1e300,
      true,
      [],
      {},
      '{#',
      '{#request.headers}',
      '{(',
      '{#a.b.c}',
      'http',
      'sse',
    ],
    ...['/', '/:a/:b', '*', '(', '(a+)+', '__proto__', [null], [[]], { a: 1 }, 'a'.repeat(5000)],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const changes = fc.array(fc.tuple(fc.nat(400), junk), { minLength: 1, maxLength: 3 });
const changed = (document: object, all: readonly (readonly [number, unknown])[]): object => {
  const copy = structuredClone(document);
  // A value that is put in may be changed by the next.
  for (const [at, value] of all) mutate(copy, at, structuredClone(value));
  return copy;
};

fuzz({
  what: 'a definition says',
  share: 0.5,
  gateway: () => startTestGateway(),
  input: changes,
  send: async (all) => {
    const endpoint = endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(2) }));
    // Nothing can be taken out of a running gateway: each definition has one of its own.
    const fresh = await startTestGateway({
      plugins: [...PLUGINS, endpoint],
      apis: [changed(DEFINITION, all)],
    });
    for (const { path, message, line = 0 } of fresh.problems) {
      expect(message).not.toBe('');
      expect(path).toMatch(/^\$/);
      expect(line).toBeGreaterThan(0);
    }
    for (const [method, accept] of [
      ['POST', '*/*'],
      ['GET', 'application/json'],
    ] as const) {
      const body = method === 'POST' ? { body: '{"a":1}' } : {};
      const answer = await fetch(`${fresh.url}/fuzz`, { method, ...body, headers: { accept } });
      expect(await answer.text()).not.toContain('INTERNAL_ERROR');
    }
    expect(fresh.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    await fresh.stop();
  },
});

fuzz({
  what: 'a subscription says',
  gateway: () =>
    startTestGateway({
      plugins: [webhook, endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(2) }))],
      apis: [pushApi({ plans: [{ id: 'push', mode: 'push' }] })],
    }),
  input: changes,
  send: async (all, gateway) => {
    const more = {
      headers: [{ name: 'a', value: 'b' }],
      auth: { type: 'basic', basic: { username: 'u', password: 'p' } },
      ssl: { trustAll: false, hostnameVerifier: true, trustStore: { type: 'NONE' } },
      secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    };
    const document = subscription('https://203.0.113.1:9/', more, {
      planId: 'push',
      metadata: { a: 'b' },
      startingAt: '2026-01-01T00:00:00Z',
      status: 'ACCEPTED',
    });
    const made = await admin(gateway, 'POST', '/apis/push/subscriptions', changed(document, all));
    expect(made.status).toBeLessThan(500);
    if (made.status === 201)
      await admin(gateway, 'DELETE', `/apis/push/subscriptions/${encodeURIComponent(made.body.id)}`);
    else expect(made.body.message).toMatch(/^\$|\n|JSON|exists/);
  },
});
