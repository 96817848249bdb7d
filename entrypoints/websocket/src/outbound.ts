import { isUtf8 } from 'node:buffer';
import { type Delivery, SluiceError } from '@sluice/core';
import type { WebSocketConfig } from './config.js';
import { messageFrame } from './envelope.js';
import { frame, OPCODE } from './frame.js';

/** What a batch becomes on the wire. */
export interface Encoded {
  readonly bytes: Buffer;
  /** How many deliveries of the batch the bytes hold, from its beginning: all, unless one cannot be sent. */
  readonly count: number;
  /** Why the next one cannot be sent, and the connection ends behind what was. */
  readonly error?: SluiceError;
}

/** Encodes batches. Clients of one reader are handed the same arrays, so each is encoded once for all of them. */
export function batchEncoder(
  { subscriber }: WebSocketConfig,
  enveloped: boolean,
): (batch: readonly Delivery[]) => Encoded {
  const known = new WeakMap<readonly Delivery[], Encoded>();
  const encodeOne = enveloped
    ? (delivery: Delivery) => frame(OPCODE.text, Buffer.from(messageFrame(delivery)))
    : (delivery: Delivery) => contentFrame(delivery, subscriber.frames);
  return (batch) => {
    const before = known.get(batch);
    if (before !== undefined) return before;
    const encoded = encode(batch, encodeOne);
    known.set(batch, encoded);
    return encoded;
  };
}

function encode(batch: readonly Delivery[], one: (delivery: Delivery) => readonly Buffer[]): Encoded {
  const pieces: Buffer[] = [];
  for (const [count, delivery] of batch.entries()) {
    try {
      pieces.push(...one(delivery));
    } catch (thrown) {
      return { bytes: Buffer.concat(pieces), count, error: SluiceError.from(thrown) };
    }
  }
  return { bytes: Buffer.concat(pieces), count: batch.length };
}

const EMPTY = Buffer.alloc(0);

/** A tombstone is an empty frame: without an envelope there is no other way to say it. */
function contentFrame(
  { message, error }: Delivery,
  kind: WebSocketConfig['subscriber']['frames'],
): readonly Buffer[] {
  if (error !== undefined) throw error;
  const content = message.content ?? EMPTY;
  if (kind === 'binary') return frame(OPCODE.binary, content);
  if (isUtf8(content)) return frame(OPCODE.text, content);
  if (kind === 'auto') return frame(OPCODE.binary, content);
  throw new SluiceError('CONTENT_NOT_TEXT');
}
