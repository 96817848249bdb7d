import { validateHeaderName, validateHeaderValue } from 'node:http';
import {
  type ExecutionContext,
  type Expressions,
  type MaybePromise,
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

/** The headers as they are for a message or exchange, at once where all values are; one that has no value is left out. */
export function evaluateHeaders(
  headers: CompiledHeaders,
  ctx: ExecutionContext,
  message?: Message,
): MaybePromise<readonly Header[]> {
  try {
    const values = headers.map(({ value }) => value.evaluate(ctx, message));
    if (!values.some((value) => value instanceof Promise)) return named(headers, values);
    return Promise.all(values).then((all) => named(headers, all), failed);
  } catch (cause) {
    return failed(cause);
  }
}

function named(headers: CompiledHeaders, values: readonly unknown[]): readonly Header[] {
  const found: Header[] = [];
  for (const [index, { name }] of headers.entries()) {
    const value = values[index];
    if (value !== null && value !== undefined) found.push([name, textOf(value)]);
  }
  return found;
}

/** What an expression met too much of is the client's doing here too. */
function failed(cause: unknown): never {
  const status = cause instanceof SluiceError ? { status: cause.status } : {};
  throw new SluiceError('TRANSFORM_HEADERS_FAILURE', { ...status, cause });
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
    // Texts of the definition hold no such character: a request does.
    throw new SluiceError('TRANSFORM_HEADERS_FAILURE', { status: 400, cause });
  }
}
