import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Message } from '@sluice/core';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
const USER_AGENT = `Sluice/${version}`;

/**
 * Headers that every call has, names and values in turn, where `given` does not have them. The content type is told by the
 * content alone, so that it is the same each time: JSON where it begins and ends as an object or a list does.
 * @param given names, in lower case, and values in turn
 */
export function defaultHeaders(given: readonly string[], { content }: Message): readonly string[] {
  const has = (name: string) => given.some((one, index) => index % 2 === 0 && one === name);
  return [
    ...(has('content-type') ? [] : ['content-type', contentType(content)]),
    ...(has('user-agent') ? [] : ['user-agent', USER_AGENT]),
  ];
}

function contentType(content: Buffer | null): string {
  if (content === null || content.length === 0 || !isUtf8(content)) return 'application/octet-stream';
  return looksLikeJson(content) ? 'application/json' : 'text/plain; charset=utf-8';
}

const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);

function looksLikeJson(content: Buffer): boolean {
  let first = 0;
  let last = content.length - 1;
  while (BLANKS.has(content[first])) first++;
  while (last > first && BLANKS.has(content[last])) last--;
  const ends = String.fromCharCode(content[first] ?? 0, content[last] ?? 0);
  return last > first && (ends === '{}' || ends === '[]');
}
