import type { EntrypointHarness } from '@sluice/core/testing';
import { sse } from './plugins.js';
import { parseSse } from './sse-parser.js';

/** How the conformance suite speaks to the `sse` entrypoint. */
export const sseHarness: EntrypointHarness = {
  plugin: sse,
  request: ({ cursor }) => ({
    method: 'GET',
    headers: new Map([
      ['accept', ['text/event-stream']],
      ...(cursor === undefined ? [] : ([['last-event-id', [cursor]]] as const)),
    ]),
  }),
  parse: (text) =>
    parseSse(text)
      .events.filter(({ type }) => type === 'message')
      .map(({ data, lastEventId }) => ({ content: data, cursor: lastEventId === '' ? null : lastEventId })),
};
