import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from '@sluice/core';
import { MemoryEndpoint, textMessage, until } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import assignContent from '../../plugins/policy-assign-content/src/index.js';
import jsonToJson from '../../plugins/policy-json-to-json/src/index.js';
import jsonValidation from '../../plugins/policy-json-validation/src/index.js';
import filtering from '../../plugins/policy-message-filtering/src/index.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { websocket } from '../support/plugins.js';
import { subscription } from '../support/push-api.js';
import { PATIENCE, pushGateway } from '../support/push-gateway.js';
import { watchTurns } from '../support/turns.js';
import { webhookSink } from '../support/webhook-sink.js';
import { request, socketOf } from './corpus/bytes.js';
import { RECORDS } from './corpus/records.js';
import { REQUESTS } from './corpus/requests.js';
import { play } from './play.js';

/** The most that one turn of the event loop may take, milliseconds. */
const MOST_MS = 50;
/** Machines pause, programs are compiled while they run: a turn that is long each time is ours. */
const ROUNDS = 3;
const POLICIES: readonly Plugin[] = [assignContent, jsonToJson, jsonValidation, filtering, transformHeaders];

const api = (flows: readonly object[], entrypoints: readonly object[]) => ({
  id: 'api',
  name: 'api',
  type: 'message',
  definitionVersion: '4.0.0',
  listeners: [{ type: 'http', paths: [{ path: '/' }], cors: CORS, entrypoints }],
  endpointGroups: [{ name: 'g', type: 'test', endpoints: [{ name: 'e', type: 'test' }] }],
  flows,
});
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

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'sluice-turns-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

test.each(REQUESTS)('no turn is long while a client sends $name', async ({ bytes, flows = [] }) => {
  const at = await folder();
  const gateway = await startTestGateway({
    plugins: [websocket, ...POLICIES, endpointPlugin(new MemoryEndpoint())],
    apis: [api(flows, [...READERS, WRITER])],
  });
  expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const sent = bytes();
  await play(gateway.port, request('GET /', [['Connection', 'close']]), at, 100);
  let answer = '';
  const longest = await shortest(async () => {
    answer = await play(gateway.port, sent, at);
  });
  expect(answer).not.toMatch(/ 500 /);
  expect(longest).toBeLessThan(MOST_MS);
});

const FORMATS: readonly (readonly [string, Buffer])[] = [
  ...['application/json', 'application/xml', 'text/plain'].map((type): readonly [string, Buffer] => [
    `a page of ${type}`,
    request('GET /', [
      ['Accept', type],
      ['Connection', 'close'],
    ]),
  ]),
  [
    'an event stream',
    request('GET /', [
      ['Accept', 'text/event-stream'],
      ['Connection', 'close'],
    ]),
  ],
  ['a WebSocket', socketOf([])],
  ['a WebSocket of envelopes', socketOf([], 'sluice.json.v1')],
];

test.each(RECORDS)('no turn is long while $name is read in each format', async ({ message, subscribe }) => {
  const at = await folder();
  const endpoint = new MemoryEndpoint({ messages: [message()] });
  const gateway = await startTestGateway({
    plugins: [websocket, ...POLICIES, endpointPlugin(endpoint)],
    apis: [api(subscribe === undefined ? [] : [{ subscribe }], READERS)],
  });
  expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const long: string[] = [];
  for (const [name, bytes] of FORMATS) {
    const longest = await shortest(() => play(gateway.port, bytes, at, 150));
    if (longest >= MOST_MS) long.push(`${name}: ${longest.toFixed(0)} ms`);
  }
  expect(long).toEqual([]);
});

test.each(RECORDS)('no turn is long while a webhook is called with $name', async ({ message, subscribe }) => {
  const sink = await webhookSink();
  const endpoint = new MemoryEndpoint({ messages: [message(), textMessage(BEHIND)] });
  const gateway = await pushGateway(
    endpoint,
    {
      ...(subscribe === undefined ? {} : { flows: [{ subscribe }] }),
      webhook: { interruptConsumptionOnException: false },
    },
    { plugins: POLICIES },
  );
  const longest = await shortest(async () => {
    const before = sink.calls.length;
    await gateway.subscribe(subscription(sink.url));
    // Steps may have written it anew; it stays the only short one.
    const called = () => sink.calls.slice(before).some(({ body }) => body.length < 2 * BEHIND.length);
    await until(called, PATIENCE, 'what is behind it');
  });
  expect(longest).toBeLessThan(MOST_MS);
});
