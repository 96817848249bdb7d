import type { Message, MessageHeader } from '@sluice/core';
import { textMessage } from '@sluice/core/testing';

/** A record that once stopped everybody who read it, or might. Each is of a size that a broker takes by default. */
export interface PoisonRecord {
  readonly name: string;
  readonly message: () => Message;
  /** The steps that each message goes through on its way to a subscriber. */
  readonly subscribe?: readonly object[];
}

/** `message.max.bytes` of a broker as it is by default, less what a record needs beside its content. */
const MOST = 1_000_000;
const value = Buffer.from('v');
const headers = (count: number, name: (at: number) => string, content: Buffer | null = value) =>
  Array.from({ length: count }, (_, at): MessageHeader => [name(at), content]);

export const RECORDS: readonly PoisonRecord[] = [
  {
    name: 'one name with many values',
    message: () => textMessage('x', { headers: headers(100_000, () => 'x-a') }),
  },
  {
    name: 'many names',
    message: () => textMessage('x', { headers: headers(100_000, (at) => `x-${at}`) }),
  },
  {
    name: 'names that no protocol has',
    message: () => textMessage('x', { headers: headers(100_000, (at) => `\r\n\0é${at}`, null) }),
  },
  { name: 'lines', message: () => textMessage('\n'.repeat(MOST)) },
  { name: 'half lines', message: () => textMessage('\r'.repeat(MOST)) },
  { name: 'what XML escapes', message: () => textMessage('<'.repeat(MOST)) },
  { name: 'what JSON escapes', message: () => textMessage('\u0001'.repeat(MOST)) },
  { name: 'quotes', message: () => textMessage('"'.repeat(MOST)) },
  { name: 'no text', message: () => ({ ...textMessage(''), content: Buffer.alloc(MOST, 0xff) }) },
  { name: 'half a character', message: () => ({ ...textMessage(''), content: Buffer.alloc(MOST, 0xe2) }) },
  { name: 'a key', message: () => ({ ...textMessage('x'), key: Buffer.alloc(MOST, '"') }) },
  { name: 'depth', message: () => textMessage('['.repeat(MOST)) },
  { name: 'depth that ends', message: () => textMessage('['.repeat(MOST / 2) + ']'.repeat(MOST / 2)) },
  {
    name: 'much to filter',
    message: () => textMessage(`[${'{"a":1},'.repeat(MOST / 8 - 1)}{}]`),
    subscribe: [
      { policy: 'message-filtering', configuration: { filter: '{($count(message.json[a = 1]) > 0)}' } },
    ],
  },
  {
    name: 'much to match',
    message: () => textMessage('a'.repeat(MOST)),
    subscribe: [
      {
        policy: 'message-filtering',
        configuration: { filter: "{#message.content.matches('(a|aa)+b') == false}" },
      },
    ],
  },
  {
    name: 'much to check',
    message: () => textMessage(`[${'{"a":1},'.repeat(MOST / 8 - 1)}{}]`),
    subscribe: [
      {
        policy: 'json-validation',
        configuration: { schema: JSON.stringify({ type: 'array', uniqueItems: true }) },
      },
    ],
  },
  {
    name: 'much to write anew',
    message: () => textMessage(`[${'{"a":1},'.repeat(MOST / 8 - 1)}{}]`),
    subscribe: [{ policy: 'json-to-json', configuration: { specification: '{ "b": a }' } }],
  },
];
