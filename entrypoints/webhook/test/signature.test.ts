import { randomBytes } from 'node:crypto';
import { fakeContext, textMessage } from '@sluice/core/testing';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { callHeaders } from '../src/headers.js';
import { secretBytes, webhookId } from '../src/signature.js';

const secrets = [randomBytes(24), randomBytes(64)];
const text = (secret: Buffer) => `whsec_${secret.toString('base64')}`;

function headersOf(
  body: string,
  nowMs = Date.now(),
  keys: readonly Buffer[] = secrets,
): Record<string, string> {
  const list = callHeaders(textMessage(body, { id: 'orders@0#7' }), {
    subscriptionId: 's',
    ctx: fakeContext(),
    response: new Map(),
    subscriber: [],
    secrets: keys,
    nowMs,
  });
  return Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])));
}

test.each(secrets.map(text))('a receiver that holds one of several secrets verifies', (secret) => {
  const body = '{"order":"ü"}';
  expect(new Webhook(secret).verify(body, headersOf(body))).toEqual({ order: 'ü' });
});

test('another body, id, secret or an old timestamp does not verify', () => {
  const body = '{"order":1}';
  const verify = (payload: string, headers: Record<string, string>, secret = text(secrets[0] as Buffer)) =>
    new Webhook(secret).verify(payload, headers);
  const good = headersOf(body);
  expect(() => verify('{"order":2}', good)).toThrow();
  expect(() => verify(body, { ...good, 'webhook-id': 'msg_other' })).toThrow();
  expect(() => verify(body, good, text(randomBytes(24)))).toThrow();
  expect(() => verify(body, headersOf(body, Date.now() - 400_000))).toThrow();
});

test('without secrets there is no signature, but an id and a timestamp', () => {
  expect(Object.keys(headersOf('x', 5000, []))).toEqual([
    'content-type',
    'user-agent',
    'webhook-id',
    'webhook-timestamp',
  ]);
  expect(headersOf('x', 5999, [])['webhook-timestamp']).toBe('5');
});

test('the id is the same for every attempt, and another for another message or subscription', () => {
  expect(webhookId('s', 'm')).toBe(webhookId('s', 'm'));
  expect(
    new Set([webhookId('s', 'm'), webhookId('s', 'n'), webhookId('t', 'm'), webhookId('s,', 'm')]).size,
  ).toBe(4);
  expect(webhookId('s', 'm')).toMatch(/^msg_[\w-]{32}$/);
});

test.each(['whsec_', 'whsec_AAAA', `whsec_${randomBytes(65).toString('base64')}`, 'plain', 'whsec_***'])(
  '%s is no secret',
  (secret) => {
    expect(secretBytes(secret)).toEqual(expect.any(String));
  },
);
