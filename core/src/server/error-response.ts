import type { CompleteResponse } from '../contract/entrypoint.js';
import type { SluiceError } from '../contract/errors.js';

/**
 * The answer to a failed request: JSON when the client takes JSON or anything, else the bare message as text.
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

function takesJson(accept: readonly string[] | undefined): boolean {
  return (accept ?? [])
    .flatMap((value) => value.toLowerCase().split(','))
    .map((value) => value.split(';').map((part) => part.trim()))
    .some(
      ([type, ...params]) => (type === 'application/json' || type === '*/*') && !params.some(isZeroWeight),
    );
}

/** `q=0` means "not this one" (RFC 9110 §12.4.2). */
function isZeroWeight(param: string): boolean {
  return /^q=0(\.0{0,3})?$/.test(param);
}
