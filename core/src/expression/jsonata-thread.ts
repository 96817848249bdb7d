import { compileHere, type JsonataProgram } from './evaluate.js';
import type { FarInput, FarOutcome } from './far-jsonata.js';
import { isTooLarge, isTooLong } from './faults.js';
import { plain } from './plain.js';
import { expressionScope } from './scope.js';
import { fromThread } from './thread-parts.js';

/** Expressions that a thread keeps compiled. */
const REMEMBERED = 200;
const known = new Map<string, JsonataProgram>();

/** Evaluates JSONata in a thread that is ended when it takes too long. */
export default async function evaluateInThread(input: FarInput): Promise<FarOutcome> {
  try {
    const value = await programOf(input)(expressionScope(fromThread(input.parts)));
    return { json: JSON.stringify(plain(value, input.limits.resultBytes)) };
  } catch (error) {
    const { message } = error as { message?: unknown };
    return { fault: String(message ?? error), isTooLarge: isTooLarge(error) || isTooLong(error) };
  }
}

function programOf({ text, limits, comparing }: FarInput): JsonataProgram {
  const key = JSON.stringify([text, limits, comparing]);
  const program = known.get(key) ?? compileHere(text, limits, comparing).program;
  known.delete(key);
  if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? key);
  known.set(key, program);
  return program;
}
