import { isUtf8 } from 'node:buffer';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { SluiceError } from '@sluice/core';
import type { HttpPostConfig } from './config.js';
import { JsonFault } from './json-scalars.js';
import { JsonScanner } from './json-scanner.js';

/**
 * The messages of a body that holds several; undefined for a body that is one. Each keeps its bytes as they were sent:
 * nothing is written anew, so that numbers and white space stay what they are. Nothing is read beyond the bound, and others
 * are served while a long body is read.
 * @throws SluiceError `INVALID_BATCH` naming the line or place, `BATCH_TOO_LARGE`: nothing of it is then published
 */
export async function splitBody(
  body: Buffer,
  contentType: string | undefined,
  { batches, maxBatchMessages }: Pick<HttpPostConfig, 'batches' | 'maxBatchMessages'>,
): Promise<readonly Buffer[] | undefined> {
  const type = (contentType?.split(';')[0] ?? '').trim().toLowerCase();
  if (NDJSON_TYPES.has(type) && batches.includes('ndjson')) return await lines(body, maxBatchMessages);
  if (type === 'application/json' && batches.includes('json-array'))
    return await items(body, maxBatchMessages);
  return undefined;
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

/** A JSON text a line; empty lines, such as that behind the last, are none. */
async function lines(body: Buffer, most: number): Promise<readonly Buffer[]> {
  const turn = new Turn();
  const found: Buffer[] = [];
  let from = 0;
  for (let number = 1; from <= body.length; number++) {
    if (body[from] === LINE_FEED) {
      from++;
      if (number % 4096 === 0 && turn.isOver) await turn.next();
      continue;
    }
    const end = body.indexOf(LINE_FEED, from);
    const to = end < 0 ? body.length : end;
    const line = body.subarray(from, body[to - 1] === CARRIAGE_RETURN && to > from ? to - 1 : to);
    from = to + 1;
    if (turn.isOver) await turn.next();
    if (isBlank(line)) continue;
    if (found.length === most) throw tooMany(most);
    await scan(new JsonScanner(line, 0, line.length), turn, `line ${number}`);
    if (!isUtf8(line)) throw invalid(`line ${number} is not UTF-8, as JSON must be`);
    found.push(line);
  }
  return found;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN);
}

/** The items of an array, as they stand in it; undefined when the body is another JSON value. */
async function items(body: Buffer, most: number): Promise<readonly Buffer[] | undefined> {
  const found: Buffer[] = [];
  const scanner = new JsonScanner(body, 0, body.length, (from, to) => {
    if (found.length === most) throw tooMany(most);
    found.push(body.subarray(from, to));
  });
  await scan(scanner, new Turn(), 'the body');
  if (!scanner.isArray) return undefined;
  if (!isUtf8(body)) throw invalid('the body is not UTF-8, as JSON must be');
  return found;
}

async function scan(scanner: JsonScanner, turn: Turn, what: string): Promise<void> {
  try {
    while (!scanner.advance(STEP_BYTES)) if (turn.isOver) await turn.next();
  } catch (error) {
    if (error instanceof JsonFault) throw invalid(`${what} ${error.message}`);
    throw error;
  }
}

/** Between two looks at the clock. */
const STEP_BYTES = 16_384;
/** Of the event loop, milliseconds. */
const TURN_MS = 5;

/** For how long the event loop is kept from others. */
class Turn {
  #begunAt = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#begunAt > TURN_MS;
  }

  async next(): Promise<void> {
    await othersFirst();
    this.#begunAt = performance.now();
  }
}

function tooMany(most: number): SluiceError {
  return new SluiceError('BATCH_TOO_LARGE', {
    message: `The body has more than ${most} messages, which are the most that are taken`,
  });
}

function invalid(reason: string): SluiceError {
  return new SluiceError('INVALID_BATCH', { message: `Invalid batch: ${reason}` });
}
