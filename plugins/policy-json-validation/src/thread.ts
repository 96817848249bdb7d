import { compileJsonCheck, type JsonCheck } from './compile-schema.js';

/** What a thread checks. */
export interface CheckInput {
  readonly schema: string;
  readonly bytes: Uint8Array;
  readonly timeMs: number;
}

/** Schemas that a thread keeps compiled. */
const REMEMBERED = 50;
const known = new Map<string, JsonCheck>();

/** What `JsonCheck.problemOf` says, in a thread that is ended when it takes too long. */
export default function checkInThread({ schema, bytes, timeMs }: CheckInput): string | undefined {
  const check = known.get(schema) ?? compileJsonCheck(schema);
  known.delete(schema);
  if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? schema);
  known.set(schema, check);
  // The thread is ended at the same time: what waits for it then says the same of patterns and of all else.
  return check.problemOf(bytes, timeMs * 2);
}
