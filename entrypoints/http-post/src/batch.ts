import { isUtf8 } from 'node:buffer';
import { SluiceError } from '@sluice/core';
import { type ParseError, parse, parseTree } from 'jsonc-parser';
import type { HttpPostConfig } from './config.js';

/**
 * The messages of a body that holds several; undefined for a body that is one. Each keeps its bytes as they were sent:
 * nothing is written anew, so that numbers and white space stay what they are.
 * @throws SluiceError `INVALID_BATCH` naming the line or item, `BATCH_TOO_LARGE`: nothing of it is then published
 */
export function splitBody(
  body: Buffer,
  contentType: string | undefined,
  { batches, maxBatchMessages }: HttpPostConfig,
): readonly Buffer[] | undefined {
  if (batches.length === 0) return undefined;
  const type = (contentType?.split(';')[0] ?? '').trim().toLowerCase();
  const contents =
    NDJSON_TYPES.has(type) && batches.includes('ndjson')
      ? lines(body)
      : type === 'application/json' && batches.includes('json-array')
        ? items(body)
        : undefined;
  if (contents !== undefined && contents.length > maxBatchMessages) {
    throw new SluiceError('BATCH_TOO_LARGE', {
      message: `The body has ${contents.length} messages, and at most ${maxBatchMessages} are taken`,
    });
  }
  return contents;
}

/** None is registered; all are in use. */
const NDJSON_TYPES = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonl',
  'application/jsonlines',
  'application/x-jsonlines',
  'application/json-lines',
]);

const STRICT = { disallowComments: true, allowTrailingComma: false };

/** A JSON text a line; empty lines, such as that behind the last, are none. */
function lines(body: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  let from = 0;
  for (let number = 1; from <= body.length; number++) {
    const end = body.indexOf('\n', from);
    const to = end < 0 ? body.length : end;
    const line = body.subarray(from, body[to - 1] === 0x0d && to > from ? to - 1 : to);
    from = to + 1;
    const text = line.toString('utf8');
    if (text.trim() === '') continue;
    if (!isUtf8(line)) throw invalid(`line ${number} is not UTF-8, as JSON must be`);
    const errors: ParseError[] = [];
    parse(text, errors, STRICT);
    if (errors.length > 0) throw invalid(`line ${number} is not valid JSON`);
    found.push(line);
  }
  return found;
}

/** The items of an array, as they stand in it; undefined when the body is another JSON value. */
function items(body: Buffer): readonly Buffer[] | undefined {
  const text = body.toString('utf8');
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, STRICT);
  if (root === undefined || errors.length > 0) throw invalid('the body is not valid JSON');
  if (root.type !== 'array') return undefined;
  // Items are cut out of the text: where the bytes are no UTF-8 they would have others.
  if (!isUtf8(body)) throw invalid('the body is not UTF-8, as JSON must be');
  return (root.children ?? []).map(({ offset, length }) => Buffer.from(text.slice(offset, offset + length)));
}

function invalid(reason: string): SluiceError {
  return new SluiceError('INVALID_BATCH', { message: `Invalid batch: ${reason}` });
}
