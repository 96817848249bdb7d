import { type CompleteResponse, type PublishResult, receiptOf } from '@sluice/core';
import type { HttpPostConfig } from './config.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** The answer to one message that was taken. */
export function single(
  result: Extract<PublishResult, { readonly ok: true }>,
  { successStatus, receipt }: HttpPostConfig,
): CompleteResponse {
  if (!receipt) return { status: successStatus };
  return { status: successStatus, headers: JSON_TYPE, body: JSON.stringify(receiptOf(result)) };
}

/**
 * The answer to several: one result a message, in their order. All stored: the success status; none: the status of
 * what they have in common, else that of the first; some: 207 (RFC 4918 §13), because repeating all would double those.
 */
export function several(
  results: readonly PublishResult[],
  { successStatus }: HttpPostConfig,
): CompleteResponse {
  const failed = results.flatMap((result) => (result.ok ? [] : [result.error]));
  const [first] = failed;
  const status = first === undefined ? successStatus : failed.length < results.length ? 207 : first.status;
  const retry = first?.retryAfterSeconds;
  const headers = status < 300 || retry === undefined ? {} : { 'Retry-After': String(retry) };
  const shown = results.map((result) =>
    result.ok
      ? { status: successStatus, ...receiptOf(result) }
      : {
          status: result.error.status,
          error: {
            message: result.error.message,
            key: result.error.code,
            retryable: result.error.entry.retryable,
          },
        },
  );
  return { status, headers: { ...headers, ...JSON_TYPE }, body: JSON.stringify({ results: shown }) };
}
