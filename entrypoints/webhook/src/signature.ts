import { createHmac, hash } from 'node:crypto';

const PREFIX = 'whsec_';

/** The bytes of a secret `whsec_<base64>` of 24 to 64 bytes (Standard Webhooks 1.0.0), or in words what is wrong. */
export function secretBytes(secret: string): Buffer | string {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : undefined;
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return 'a secret is written whsec_ and base64';
  }
  const bytes = Buffer.from(text, 'base64');
  return bytes.length < 24 || bytes.length > 64 ? 'a secret has 24 to 64 bytes' : bytes;
}

/** The id that a receiver tells repeats by: the same for every attempt, in every process, of one message and subscription. */
export function webhookId(subscriptionId: string, messageId: string): string {
  const digest = hash('sha256', JSON.stringify([subscriptionId, messageId]), 'base64url');
  return `msg_${digest.slice(0, 32)}`;
}

/** The value of `webhook-signature`: one signature for each secret, so that a receiver may hold any of them. */
export function signatures(
  secrets: readonly Buffer[],
  id: string,
  timestampSeconds: number,
  body: Buffer,
): string {
  return secrets
    .map((secret) => {
      const mac = createHmac('sha256', secret).update(`${id}.${timestampSeconds}.`).update(body);
      return `v1,${mac.digest('base64')}`;
    })
    .join(' ');
}
