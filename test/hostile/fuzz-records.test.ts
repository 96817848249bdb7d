import type { Message, MessageHeader } from '@sluice/core';
import { MemoryEndpoint, textMessage } from '@sluice/core/testing';
import { expect } from 'vitest';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { fc, parseXml } from '../support/property.js';
import { parseSse } from '../support/sse-parser.js';
import { fuzz, fuzzApi } from './fuzzing.js';

const NASTY = [
  '',
  '\n',
  '\r\n',
  '\r',
  '\0',
  ']]>',
  '<a>',
  '&amp;',
  '"',
  '\ufeff',
  '\ud83d\ude00',
  'id: 1',
  ':',
  'é',
  '__proto__',
];
const bytes = fc.oneof(
  fc.constantFrom(...NASTY).map((text) => Buffer.from(text)),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 6 }).map((texts) => Buffer.from(texts.join(''))),
  fc.uint8Array({ maxLength: 80 }).map((list) => Buffer.from(list)),
  fc.constantFrom(Buffer.from('[[[[1]]]]'), Buffer.from('{"a":1}'), Buffer.alloc(5000, '[')),
);
const maybe = fc.option(bytes);
const header = fc.tuple(
  fc.oneof(
    fc.constantFrom('content-type', 'X-A', 'x-a', ...NASTY),
    fc.string({ unit: 'binary', maxLength: 12 }),
  ),
  maybe,
);
const record = fc
  .record({ content: maybe, key: maybe, headers: fc.array(header, { maxLength: 6 }) })
  .map(
    ({ headers, ...rest }): Message => ({ ...textMessage(''), ...rest, headers: headers as MessageHeader[] }),
  );

const PAGES = {
  messagesLimitDurationMs: 10,
  messagesLimitCount: 5,
  headersInPayload: true,
  metadataInPayload: true,
};
const api = fuzzApi([
  { type: 'http-get', qos: 'none', configuration: PAGES },
  { type: 'sse', qos: 'none', configuration: { headersAsComment: true, metadataAsComment: true } },
]);

/** How a client reads each format: strictly. What it cannot read is a fault of ours. */
const FORMATS: Readonly<Record<string, (text: string, count: number) => void>> = {
  'application/json': (text, count) => {
    const page = JSON.parse(text) as { items: unknown[] };
    expect(page.items).toHaveLength(count);
  },
  'application/xml': (text, count) => {
    const items = parseXml(text).children.find(({ name }) => name === 'items');
    expect(items?.children).toHaveLength(count);
  },
  'text/plain': (text) => expect(text).toMatch(/^items/),
  'text/event-stream': (text, count) => expect(parseSse(text).events).toHaveLength(count),
};

let endpoint = new MemoryEndpoint();

fuzz({
  what: 'records hold',
  share: 0.5,
  // One endpoint in the gateway, of which each input has another inside.
  gateway: () => {
    const outer = {
      publish: (...given: Parameters<MemoryEndpoint['publish']>) => endpoint.publish(...given),
      subscribe: (...given: Parameters<MemoryEndpoint['subscribe']>) => endpoint.subscribe(...given),
      health: () => endpoint.health(),
      stop: () => endpoint.stop(),
    };
    return startTestGateway({ plugins: [endpointPlugin(outer)], apis: [api] });
  },
  input: fc.array(record, { minLength: 1, maxLength: 3 }),
  send: async (records, { url }) => {
    endpoint = new MemoryEndpoint({ messages: records });
    for (const [accept, read] of Object.entries(FORMATS)) {
      const answer = await fetch(url, { headers: { accept } });
      expect(answer.status).toBe(200);
      read(
        accept === 'text/event-stream' ? await someOf(answer, records.length) : await answer.text(),
        records.length,
      );
    }
  },
});

/** What a stream says until it has told that many events, whose ids stand in front of each. */
async function someOf(answer: Response, count: number): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (parseSse(text).events.length >= count) return text;
  }
  return text;
}
