import { entrypointConformance } from '@sluice/core/testing';
import sse from '@sluice/entrypoint-sse';
import { runConformance } from '../../../test/support/conformance.js';
import { parseSse } from '../../../test/support/sse-parser.js';

runConformance(
  entrypointConformance({
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
  }),
);
