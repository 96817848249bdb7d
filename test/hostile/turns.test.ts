import type { EndpointConnector, Plugin } from '@sluice/core';
import { MemoryEndpoint, textMessage, until } from '@sluice/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import assignContent from '../../plugins/policy-assign-content/src/index.js';
import jsonToJson from '../../plugins/policy-json-to-json/src/index.js';
import jsonValidation from '../../plugins/policy-json-validation/src/index.js';
import filtering from '../../plugins/policy-message-filtering/src/index.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import { endpointPlugin, startTestGateway, type TestGateway } from '../support/gateway.js';
import { webhook, websocket } from '../support/plugins.js';
import { admin, subscription } from '../support/push-api.js';
import { PATIENCE } from '../support/push-gateway.js';
import { slowness, watchTurns } from '../support/turns.js';
import { webhookSink } from '../support/webhook-sink.js';
import { request, socketOf } from './corpus/bytes.js';
import { RECORDS } from './corpus/records.js';
import { REQUESTS } from './corpus/requests.js';
import { type Player, startPlayer } from './play.js';

/** The most that one turn of the event loop may take, milliseconds: 50, on a machine as fast as the one it was set on. */
const MOST_MS = 50 * slowness();
/** Machines pause, programs are compiled while they run: a turn that is long each time is ours. */
const ROUNDS = 6;
const POLICIES: readonly Plugin[] = [assignContent, jsonToJson, jsonValidation, filtering, transformHeaders];

/** What each filter of the corpus lets pass. */
const BEHIND = '[{"a":1},{"a":2}]';
const CORS = { enabled: true, allowOrigin: ['(.*\\.)*example\\.com'], allowMethods: ['GET', 'POST'] };
const PAGES = { messagesLimitDurationMs: 50, messagesLimitCount: 10, headersInPayload: true };
const READERS = [
  { type: 'http-get', qos: 'none', configuration: PAGES },
  { type: 'sse', qos: 'none', configuration: { headersAsComment: true, metadataAsComment: true } },
  { type: 'websocket', qos: 'none' },
];
const WRITER = {
  type: 'http-post',
  configuration: { requestHeadersToMessage: true, batches: ['json-array', 'ndjson'] },
};
const CLOSE = ['Connection', 'close'] as const;
const PUSH = { interruptConsumptionOnException: false };

/** One API for all requests that have no flows, one for each that has, and two for each record, which is read and pushed. */
const sentTo = (at: number) => `sent-${at}`;
const readFrom = (at: number) => `read-${at}`;
const pushedFrom = (at: number) => `pushed-${at}`;
const api = (id: string, listener: object, flow: object) => ({
  id,
  name: id,
  type: 'message',
  definitionVersion: '4.0.0',
  listeners: [listener],
  endpointGroups: [
    { name: id, type: 'test', endpoints: [{ name: id, type: 'test', configuration: { of: id } }] },
  ],
  flows: [flow],
});
const http = (id: string, entrypoints: readonly object[]) => ({
  type: 'http',
  paths: [{ path: `/${id}` }],
  cors: CORS,
  entrypoints,
});
const APIS = [
  api('open', http('', [...READERS, WRITER]), {}),
  ...REQUESTS.flatMap(({ flows: [flow] = [] }, at) =>
    flow === undefined ? [] : [api(sentTo(at), http(sentTo(at), [...READERS, WRITER]), flow)],
  ),
  ...RECORDS.flatMap(({ subscribe = [] }, at) => [
    api(readFrom(at), http(readFrom(at), READERS), { subscribe }),
    api(
      pushedFrom(at),
      {
        type: 'subscription',
        entrypoints: [{ type: 'webhook', qos: 'at-least-once', configuration: PUSH }],
      },
      { subscribe },
    ),
  ]),
];
const ENDPOINTS = new Map(
  RECORDS.flatMap(({ message }, at) => [
    [readFrom(at), new MemoryEndpoint({ messages: [message()] })],
    [pushedFrom(at), new MemoryEndpoint({ messages: [message(), textMessage(BEHIND)] })],
  ]),
);

/** Each request begins with an empty endpoint: what others stored would be read with it. */
let stored = new MemoryEndpoint();
const open: EndpointConnector = {
  publish: (ctx, messages) => stored.publish(ctx, messages),
  subscribe: (ctx, request) => stored.subscribe(ctx, request),
  health: () => stored.health(),
  stop: () => stored.stop(),
};

let gateway: TestGateway;
let player: Player;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const endpoint = endpointPlugin(new MemoryEndpoint(), {
    schema: { type: 'object', properties: { of: { type: 'string' } } },
    create: (config) => ENDPOINTS.get((config as { readonly of: string }).of) ?? open,
  });
  gateway = await startTestGateway({
    plugins: [websocket, webhook, ...POLICIES, endpoint],
    apis: APIS,
    allowTargets: ['127.0.0.1'],
    atEnd: (stop) => ends.push(stop),
  });
  player = await startPlayer();
  ends.push(player.end);
  expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
});

afterAll(async () => {
  for (const end of ends) await end();
});

/** The shortest of the longest turns of several rounds, milliseconds. */
async function shortest(round: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < ROUNDS && least > MOST_MS; at++) {
    const turns = watchTurns();
    await round();
    turns.stop();
    least = Math.min(least, turns.longestMs());
  }
  return least;
}

/** A request to `/` as one to the path of an API. */
function to(id: string, bytes: Buffer): Buffer {
  const before = bytes.indexOf(' /');
  return Buffer.concat([bytes.subarray(0, before), Buffer.from(` /${id}`), bytes.subarray(before + 2)]);
}

test.each(REQUESTS.map((poison, at) => ({ ...poison, at })))(
  'no turn is long while a client sends $name',
  async ({ bytes, flows, at }) => {
    stored = new MemoryEndpoint();
    await player.load(flows === undefined ? bytes() : to(sentTo(at), bytes()));
    let answer = '';
    const longest = await shortest(async () => {
      answer = await player.play(gateway.port);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 (?!404|500)/);
    expect(longest).toBeLessThan(MOST_MS);
  },
);

const STREAM = ['Accept', 'text/event-stream'] as const;
const FORMATS: readonly (readonly [string, (path: string) => Buffer])[] = [
  ...['application/json', 'application/xml', 'text/plain'].map(
    (type): readonly [string, (path: string) => Buffer] => [
      `a page of ${type}`,
      (path) => request(`GET ${path}`, [['Accept', type], CLOSE]),
    ],
  ),
  ['an event stream', (path) => request(`GET ${path}`, [STREAM, CLOSE])],
  ['a WebSocket', (path) => socketOf([], undefined, path)],
  ['a WebSocket of envelopes', (path) => socketOf([], 'sluice.json.v1', path)],
];

test.each(RECORDS.map(({ name }, at) => ({ name, at })))(
  'no turn is long while $name is read in each format',
  async ({ at }) => {
    const long: string[] = [];
    for (const [name, bytes] of FORMATS) {
      await player.load(bytes(`/${readFrom(at)}`));
      const longest = await shortest(async () => {
        expect(await player.play(gateway.port)).toMatch(/ (200|101) /);
      });
      if (longest >= MOST_MS) long.push(`${name}: ${longest.toFixed(0)} ms`);
    }
    expect(long).toEqual([]);
  },
);

test.each(RECORDS.map(({ name }, at) => ({ name, at })))(
  'no turn is long while a webhook is called with $name',
  async ({ at }) => {
    const sink = await webhookSink();
    const subscriptions = `/apis/${pushedFrom(at)}/subscriptions`;
    const longest = await shortest(async () => {
      const before = sink.calls.length;
      const { status } = await admin(gateway, 'POST', subscriptions, subscription(sink.url));
      expect(status).toBe(201);
      // Steps may have written it anew; it stays the only short one.
      const called = () => sink.calls.slice(before).some(({ body }) => body.length < 2 * BEHIND.length);
      await until(called, PATIENCE, 'what is behind it');
    });
    expect(longest).toBeLessThan(MOST_MS);
  },
);
