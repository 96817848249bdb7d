import { preferredType } from '../contract/accept.js';
import type { CompleteResponse } from '../contract/entrypoint.js';
import type { SluiceError } from '../contract/errors.js';

/**
 * The answer to a failed request: JSON where the client takes it at least as gladly as text, else the bare message as text.
 * @param accept the values of the Accept header; none means text
 */
export function errorResponse(
  error: SluiceError,
  requestId: string,
  accept: readonly string[] | undefined,
): CompleteResponse {
  const { status } = error;
  const retry =
    error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.retryAfterSeconds) };
  const headers = { 'X-Request-Id': requestId, ...retry, ...error.headers };
  if (error.contentType !== undefined) {
    return { status, headers: { ...headers, 'Content-Type': error.contentType }, body: error.message };
  }
  if (!takesJson(accept)) {
    return {
      status,
      headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
      body: error.message,
    };
  }
  const body = JSON.stringify({
    message: error.message,
    http_status_code: status,
    key: error.code,
    request_id: requestId,
  });
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body };
}

/** Text is what a client gets that says nothing, or wants it more. */
function takesJson(accept: readonly string[] | undefined): boolean {
  return preferredType(accept, ['application/json', 'text/plain']) === 'application/json';
}
