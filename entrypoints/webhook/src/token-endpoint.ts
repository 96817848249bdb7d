import { type Dispatcher, request } from 'undici';
import type { TokenAnswer } from './token-cache.js';

/** A call to a token endpoint (RFC 6749 §4.4.2). */
export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A form. */
  readonly body: string;
}

/** No token could be had. The message tells no secret. */
export class TokenFailure extends Error {
  constructor(
    message: string,
    /** Of the endpoint's answer; absent when there was none. */
    readonly status?: number,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

const MAX_ANSWER_BYTES = 65_536;

/** Asks for a token. @throws TokenFailure */
export async function fetchToken(
  { url, headers, body }: TokenRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  let status: number | undefined;
  try {
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...headers,
      },
      body,
      signal,
    });
    status = answer.statusCode;
    const text = await limitedText(answer.body);
    if (status !== 200) throw new TokenFailure(`the token endpoint answered ${status}`, status);
    const { access_token: token, expires_in: life } = JSON.parse(text) as Record<string, unknown>;
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
      throw new TokenFailure('the token endpoint gave no access_token', status);
    }
    const seconds = Number(life);
    return life === undefined || !(seconds > 0) ? { token } : { token, expiresInSeconds: seconds };
  } catch (error) {
    if (error instanceof TokenFailure) throw error;
    const what = status === undefined ? 'cannot be reached' : 'gave an answer that cannot be read';
    throw new TokenFailure(`the token endpoint ${what}`, undefined, error);
  }
}

async function limitedText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
