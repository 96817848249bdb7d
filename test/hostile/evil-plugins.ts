import { defineSecurity, type Plugin, type PolicyPlugin, SluiceError } from '@sluice/core';
import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { endpointPlugin } from '../support/gateway.js';
import { httpGet, httpPost, sse, webhook, websocket } from '../support/plugins.js';

const policy: PolicyPlugin = {
  kind: 'policy',
  id: 'evil',
  phases: ['request', 'response', 'publish', 'subscribe'],
  schema: { type: 'object' },
  create: () => ({
    onRequest: () => {},
    onResponse: () => {},
    onPublish: (message) => message,
    onSubscribe: (message) => message,
  }),
};
const security = defineSecurity({
  kind: 'security',
  id: 'evil',
  schema: { type: 'object' },
  create: () => ({
    authenticate: ({ request }) =>
      request.headers.has('x-anybody')
        ? { subscription: { id: 'a', application: 'a', metadata: {} } }
        : undefined,
    missing: () => new SluiceError('API_KEY_MISSING'),
    conceal: () => {},
  }),
});
const endpoint = () =>
  endpointPlugin(
    Object.assign(new MemoryEndpoint({ messages: numberedMessages(3) }), { statistics: () => [{ a: 1 }] }),
    {
      id: 'evil',
      permit: () => {},
      echoes: () => false,
      modes: () => ['publish', 'subscribe'],
      check: () => [],
    },
  );

/** Every hook of every kind of plugin, and the plugin that has it. */
export const HOOKS: readonly (readonly [
  kind: string,
  plugin: () => Plugin,
  hooks: readonly PropertyKey[],
])[] = [
  [
    'http-post',
    () => ({ ...httpPost, id: 'evil-post' }),
    ['matches', 'preference', 'modesOf', 'create', 'handle', 'status', 'headers'],
  ],
  [
    'http-get',
    () => ({ ...httpGet, id: 'evil-get' }),
    ['matches', 'preference', 'create', 'handle', 'status', 'stream'],
  ],
  [
    'sse',
    () => ({ ...sse, id: 'evil-sse' }),
    ['matches', 'preference', 'requires', 'handle', 'status', 'headers', 'stream'],
  ],
  [
    'websocket',
    () => ({ ...websocket, id: 'evil-ws' }),
    ['matches', 'preference', 'handle', 'status', 'upgrade', 'abandon'],
  ],
  [
    'endpoint',
    endpoint,
    [
      'create',
      'check',
      'modes',
      'echoes',
      'permit',
      'publish',
      'subscribe',
      'health',
      'statistics',
      'stop',
      'close',
      'ack',
      'nack',
      'next',
      'return',
      'startCursor',
      'ready',
      'caughtUp',
      'passed',
      'cursor',
      'stale',
      Symbol.asyncIterator,
    ],
  ],
  ['policy', () => policy, ['create', 'onRequest', 'onResponse', 'onPublish', 'onSubscribe']],
  [
    'security',
    () => security,
    ['create', 'authenticate', 'missing', 'conceal', 'subscription', 'attributes', 'expiresAtMs'],
  ],
  [
    'webhook',
    () => ({ ...webhook, id: 'evil-push' }),
    ['create', 'run', 'secretsOf', 'checkSubscription', 'ended', 'reason'],
  ],
];

/** An API with an evil plugin in every place; of those only one is evil at a time. */
export const evilApi = {
  id: 'evil',
  name: 'evil',
  type: 'message',
  definitionVersion: '4.0.0',
  listeners: [
    {
      type: 'http',
      paths: [{ path: '/evil' }],
      entrypoints: ['evil-post', 'evil-get', 'evil-sse', 'evil-ws'].map((type) => ({
        type,
        qos: 'none',
        configuration: type === 'evil-get' ? { messagesLimitCount: 3, messagesLimitDurationMs: 20 } : {},
      })),
    },
    {
      type: 'subscription',
      entrypoints: [{ type: 'evil-push', qos: 'at-least-once', dlq: { endpoint: 'e2' } }],
    },
  ],
  endpointGroups: [
    { name: 'g', type: 'evil', endpoints: [{ name: 'e', type: 'evil' }] },
    { name: 'g2', type: 'mock', endpoints: [{ name: 'e2', type: 'mock' }] },
  ],
  plans: [
    { id: 'evil', name: 'evil', security: { type: 'evil' } },
    { id: 'open', name: 'open', security: { type: 'KEY_LESS' } },
  ],
  flows: [
    Object.fromEntries(
      ['request', 'response', 'publish', 'subscribe'].map((phase) => [phase, [{ policy: 'evil' }]]),
    ),
  ],
};
