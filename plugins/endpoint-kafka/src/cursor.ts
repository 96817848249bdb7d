import { SluiceError } from '@sluice/core';
import type { PartitionTable, Progress } from './partition-table.js';
import { isTopicName } from './topic-name.js';

/*
 * A cursor is `topic@partition#offset,partition#offset;topic2@…`, base64 unless the endpoint says otherwise. It is
 * exclusive: it names the last message received of each partition, -1 before the first. Those that are issued name every
 * partition there is; of a topic that does not exist yet partition 0; and `-` is the cursor where there is nothing at all.
 */

/** The cursor of a pattern that no topic matches yet. */
const NOTHING = '-';

/** Longer cursors are refused; ours stay below it up to about 500 partitions, and request headers up to about 16 KiB. */
export const MAX_CURSOR_LENGTH = 12_000;

/** One partition of a client's cursor. */
export interface CursorEntry {
  readonly topic: string;
  readonly partition: number;
  readonly last: number;
}

/** A cursor as a client sent it. */
export interface ParsedCursor {
  readonly entries: readonly CursorEntry[];
  /**
   * The id of a record, or written by hand: plain text where those that are issued are base64. What it leaves out was left
   * out on purpose, and is not new.
   */
  readonly isPartial: boolean;
}

/**
 * Reads a cursor as a client sent it; base64 and base64url, padded or not, when `encoded`, or plain text.
 * @throws SluiceError `INVALID_CURSOR` with what is wrong
 */
export function parseCursor(text: string, encoded: boolean): ParsedCursor {
  if (text.length > MAX_CURSOR_LENGTH) throw invalid(`it is longer than ${MAX_CURSOR_LENGTH} characters`);
  // The id of a record, as receipts and metadata have it, is a cursor in plain text; no base64 has an @.
  const isPartial = encoded && text.includes('@');
  const plain = encoded && !isPartial ? decodeBase64(text) : text;
  if (plain === NOTHING) return { entries: [], isPartial };
  const entries: CursorEntry[] = [];
  const seen = new Set<string>();
  for (const part of plain.split(';')) {
    const at = part.lastIndexOf('@');
    const topic = part.slice(0, Math.max(0, at));
    if (!isTopicName(topic)) throw invalid('it must be topic@partition#offset');
    for (const position of part.slice(at + 1).split(',')) {
      const match = /^(\d{1,9})#(-1|\d{1,16})$/.exec(position);
      if (match === null) throw invalid('it must be topic@partition#offset');
      const partition = Number(match[1]);
      const last = Number(match[2]);
      if (!Number.isSafeInteger(last)) throw invalid('an offset is too large');
      const key = `${topic}@${partition}`;
      if (seen.has(key)) throw invalid(`it names ${key} twice`);
      seen.add(key);
      entries.push({ topic, partition, last });
    }
  }
  return { entries, isPartial };
}

function decodeBase64(text: string): string {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw invalid('it is not base64');
  return Buffer.from(text, 'base64').toString('utf8');
}

function invalid(reason: string): SluiceError {
  return new SluiceError('INVALID_CURSOR', { message: `The cursor is not valid: ${reason}` });
}

/** Writes cursors of a progress that moves one partition at a time: only what has changed is formatted again. */
export class CursorWriter {
  readonly #parts: string[];
  readonly #heads: string[];
  readonly #order: readonly number[];

  constructor(
    private readonly table: PartitionTable,
    progress: Progress,
    private readonly encode: boolean,
  ) {
    this.#order = table.order;
    this.#parts = this.#order.map(() => '');
    this.#heads = this.#order.map((slot, index) => {
      const { topic } = table.at(slot);
      const before = this.#order[index - 1];
      if (before === undefined) return `${topic}@`;
      return table.at(before).topic === topic ? ',' : `;${topic}@`;
    });
    this.#order.forEach((slot, index) => {
      this.#write(index, progress[slot] ?? -1);
    });
  }

  /** Moves one partition. Its slot must have been in the table when this writer was made. */
  move(slot: number, last: number): void {
    const index = this.#order.indexOf(slot);
    if (index >= 0) this.#write(index, last);
  }

  /** The cursor of the progress so far. */
  toString(): string {
    const parts = [this.#parts.join(''), ...this.table.missing.map((topic) => `${topic}@0#-1`)];
    const plain = parts.filter((part) => part !== '').join(';') || NOTHING;
    return this.encode ? Buffer.from(plain).toString('base64') : plain;
  }

  #write(index: number, last: number): void {
    const { partition } = this.table.at(this.#order[index] ?? 0);
    this.#parts[index] = `${this.#heads[index]}${partition}#${last}`;
  }
}

/** The cursor of a progress. */
export function formatCursor(table: PartitionTable, progress: Progress, encode: boolean): string {
  return new CursorWriter(table, progress, encode).toString();
}
