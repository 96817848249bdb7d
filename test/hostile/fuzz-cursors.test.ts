import { MemoryEndpoint, numberedMessages } from '@sluice/core/testing';
import { expect } from 'vitest';
import { apiDefinition, endpointPlugin, startTestGateway } from '../support/gateway.js';
import { fc } from '../support/property.js';
import { fuzz } from './fuzzing.js';

const place = fc
  .tuple(
    fc.constantFrom('memory', 'orders', '', 'a@b', '..'),
    fc.constantFrom('0', '1', '-1', '1e3', '', '99999999999'),
    fc.constantFrom('#0', '#-1', '#2', '#-', '#9007199254740993', '#', ''),
  )
  .map(([topic, partition, offset]) => `${topic}@${partition}${offset}`);
const plain = fc.oneof(
  fc.array(place, { minLength: 1, maxLength: 4 }).map((places) => places.join(',')),
  fc.array(place, { minLength: 1, maxLength: 4 }).map((places) => places.join(';')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const cursor = fc.oneof(
  { weight: 3, arbitrary: plain.map((text) => Buffer.from(text).toString('base64')) },
  { weight: 1, arbitrary: plain.map((text) => Buffer.from(text).toString('base64url')) },
  { weight: 1, arbitrary: plain },
);
const parameter = fc.tuple(
  fc.constantFrom('cursor', 'lastEventId', 'limit', 'since', 'wait', 'x', '__proto__'),
  fc.oneof(
    { weight: 3, arbitrary: cursor },
    fc.constantFrom('0', '-1', '1', '1e9', 'NaN', '2026-13-01', '2026-11-28T00:00:00Z', '', 'true', ' 5'),
  ),
);

fuzz({
  what: 'cursors and parameters a client sends',
  gateway: () => {
    const definition = apiDefinition({ endpoint: 'test', qos: 'none' }) as {
      listeners: { entrypoints: object[] }[];
    };
    definition.listeners[0]?.entrypoints.push({
      type: 'http-get',
      qos: 'none',
      configuration: { messagesLimitDurationMs: 10 },
    });
    return startTestGateway({
      plugins: [endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(3) }))],
      apis: [definition],
    });
  },
  input: fc.record({ query: fc.array(parameter, { maxLength: 3 }), id: cursor, stream: fc.boolean() }),
  send: async ({ query, id, stream }, { url }) => {
    const accept = stream ? 'text/event-stream' : 'application/json';
    const answer = await fetch(`${url}/test?${new URLSearchParams(query as [string, string][])}`, {
      headers: { accept, 'last-event-id': encodeURI(id) },
    });
    expect(answer.status).toBeLessThan(500);
    await answer.body?.cancel();
  },
});
