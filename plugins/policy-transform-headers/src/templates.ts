import { validateHeaderName, validateHeaderValue } from 'node:http';
import {
  type ExecutionContext,
  type Expressions,
  type Message,
  SluiceError,
  type Template,
} from '@sluice/core';
import type { HeaderTemplate } from './config.js';

/** A header as a name and a text, whatever it belongs to. */
export type Header = readonly [name: string, value: string];

/** Headers to write, their values compiled. */
export type CompiledHeaders = readonly { readonly name: string; readonly value: Template }[];

/** Compiles headers; one without a name or value is left out. */
export function compileHeaders(
  headers: readonly HeaderTemplate[],
  expressions: Expressions,
): CompiledHeaders {
  return headers.flatMap(({ name = '', value }) =>
    name.trim() === '' || value === undefined || value === null
      ? []
      : [{ name: name.trim(), value: expressions.template(value) }],
  );
}

/** The headers as they are for a message or exchange; one that has no value is left out. */
export async function evaluateHeaders(
  headers: CompiledHeaders,
  ctx: ExecutionContext,
  message?: Message,
): Promise<readonly Header[]> {
  try {
    const values = await Promise.all(headers.map(async ({ value }) => value.evaluate(ctx, message)));
    return headers.flatMap(({ name }, index): Header[] => {
      const value = values[index];
      return value === null || value === undefined ? [] : [[name, textOf(value)]];
    });
  } catch (cause) {
    throw new SluiceError('TRANSFORM_HEADERS_FAILURE', { cause });
  }
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** @throws SluiceError when HTTP cannot carry one of these, such as a value with a line break */
export function assertHttpHeaders(headers: readonly Header[]): void {
  try {
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch (cause) {
    throw new SluiceError('TRANSFORM_HEADERS_FAILURE', { cause });
  }
}
