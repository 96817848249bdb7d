import { createRequire } from 'node:module';
import { inThread, ThreadLost, ThreadTimeout } from '../threads/index.js';
import type { Comparing } from './evaluate.js';
import { ExpressionFault, ExpressionTooLarge } from './faults.js';
import type { ExpressionLimits } from './limits.js';
import { trusted } from './plain.js';
import type { Reads } from './reads.js';
import { partsOf, type ScopeParts } from './scope.js';
import type { Scope } from './scope-type.js';
import { forThread, type ThreadParts } from './thread-parts.js';
import { weightOf } from './weight.js';

/** JSONata takes 0.1 to 1 ms for a KiB, a sort more: what is larger is evaluated in a thread, which adds 0.3 ms. */
const AT_ONCE_BYTES = 4 * 1024;
/** A larger content is not read by JSONata. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Of an evaluation in a thread. */
const FAR_MS = 2000;

/** What a thread evaluates. */
export interface FarInput {
  readonly text: string;
  readonly limits: ExpressionLimits;
  readonly comparing: Comparing;
  readonly parts: ThreadParts;
}

/** What came of it: a value as JSON, or a fault. */
export type FarOutcome = { readonly json: string } | { readonly fault: string; readonly isTooLarge: boolean };

const module = createRequire(import.meta.url).resolve('@sluice/core/jsonata-thread');

/** JSONata that is evaluated in a thread where what it reads is large, else by `here`. */
export class FarJsonata {
  constructor(
    private readonly text: string,
    private readonly limits: ExpressionLimits,
    private readonly comparing: Comparing,
    private readonly reads: Reads,
    private readonly here: (scope: Scope) => Promise<unknown>,
  ) {}

  /**
   * The value; as JSON has it where it was worked out in a thread.
   * @returns rejects with ExpressionTooLarge for a content that JSONata does not read, and where the time or the memory of
   * a thread is not enough; with ExpressionFault; with SluiceError `TOO_MANY_EVALUATIONS`
   */
  async evaluate(scope: Scope): Promise<unknown> {
    const { content, attributes } = this.reads;
    if (!content && !attributes) return this.here(scope);
    const parts = partsOf(scope);
    if (parts === undefined) return this.here(scope);
    const bytes = content ? (parts.message?.content?.length ?? 0) : 0;
    if (bytes > MOST_BYTES) {
      throw new ExpressionTooLarge(
        `the content has ${bytes} bytes, where JSONata reads ${MOST_BYTES} at most`,
      );
    }
    if (bytes <= AT_ONCE_BYTES && !(attributes && areLarge(parts))) return this.here(scope);
    try {
      return await this.#far(parts);
    } catch (error) {
      // An attribute of a policy may be what no thread can be handed, such as a function.
      if ((error as { name?: unknown }).name === 'DataCloneError') return this.here(scope);
      throw error;
    }
  }

  async #far(parts: ScopeParts): Promise<unknown> {
    const input = () => {
      const value: FarInput = {
        text: this.text,
        limits: { ...this.limits, timeMs: Math.max(FAR_MS, this.limits.timeMs), textLength: MOST_BYTES },
        comparing: this.comparing,
        parts: forThread(parts),
      };
      const { content } = value.parts.message ?? {};
      return content ? { value, transfer: [content.buffer] } : { value };
    };
    const { client, signal } = parts.ctx;
    const outcome = await inThread({ owner: client, module, input, timeMs: FAR_MS * 2, signal }).catch(
      tooLarge,
    );
    const { json, fault, isTooLarge } = outcome as { json?: string; fault?: string; isTooLarge?: boolean };
    if (json !== undefined) return trusted(JSON.parse(json));
    throw isTooLarge === true ? new ExpressionTooLarge(String(fault)) : new ExpressionFault(String(fault));
  }
}

function areLarge({ ctx, message }: ScopeParts): boolean {
  const most = AT_ONCE_BYTES;
  return weightOf(ctx.attributes, most) > most || weightOf(message?.attributes, most) > most;
}

function tooLarge(error: unknown): never {
  if (error instanceof ThreadTimeout || error instanceof ThreadLost)
    throw new ExpressionTooLarge(error.message);
  throw error;
}
