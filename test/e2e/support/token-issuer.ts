import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A token endpoint (RFC 6749 §4.4) that issues unsecured tokens, as Kafka's own test validator takes them. */
export interface TokenIssuer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The form of each request that was granted. */
  readonly requests: readonly Readonly<Record<string, string>>[];
  /** Answers with this status from now on; undefined goes back to granting. */
  fail(status: number | undefined): void;
}

/** A JSON Web Token with the algorithm `none`. */
export function unsecuredToken(subject: string, lifeSeconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + lifeSeconds, jti: randomBytes(8).toString('hex') })}.`;
}

/** Starts one on a free port; it is stopped when the test ends. */
export async function startTokenIssuer(options: {
  readonly subject: string;
  readonly lifeSeconds: number;
}): Promise<TokenIssuer> {
  const clientId = 'a client';
  const clientSecret = 'client:secret/&';
  const form = (value: string) => encodeURIComponent(value).replace(/%20/g, '+');
  const expected = `Basic ${Buffer.from(`${form(clientId)}:${form(clientSecret)}`).toString('base64')}`;
  const requests: Record<string, string>[] = [];
  let failure: number | undefined;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (failure !== undefined || request.headers.authorization !== expected) {
      response.writeHead(failure ?? 401).end('{"error":"invalid_client"}');
      return;
    }
    requests.push(Object.fromEntries(new URLSearchParams(body)));
    const token = unsecuredToken(options.subject, options.lifeSeconds);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: options.lifeSeconds }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    clientId,
    clientSecret,
    requests,
    fail: (status) => {
      failure = status;
    },
  };
}
