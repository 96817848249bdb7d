import { type ConfigFault, type ConfigSchema, HEADER_NAME, secretFrom, textOfForm } from '@sluice/core';
import { AUTH_SCHEMA, AUTH_SECRETS, type AuthConfig, authFaults } from './auth-config.js';
import { headerFault } from './headers.js';
import type { RetryConfig } from './retry.js';
import { secretBytes } from './signature.js';
import { type SslConfig, SslFault, tlsOptions } from './tls.js';

/** What one subscriber says: where it is called, how, and what happens when that fails. */
export interface SubscriberConfig {
  readonly callbackUrl: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly keyHeader?: string;
  readonly secrets: readonly string[];
  readonly auth?: AuthConfig;
  readonly retry: RetryConfig;
  readonly ssl?: SslConfig;
}

const seconds = (value: number, maximum: number, description: string) => ({
  type: 'number',
  minimum: 0,
  maximum,
  default: value,
  description: `${description} Seconds, with fractions.`,
});
const text = (description: string) => ({ type: 'string', description });
const object = (properties: object, more: object = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
const storeType = {
  enum: ['', 'NONE', 'PEM', 'PKCS12', 'JKS'],
  default: '',
  description: 'What it is; empty and NONE mean that there is none.',
};

/** JSON Schema of {@link SubscriberConfig}. */
export const SUBSCRIBER_SCHEMA: ConfigSchema = object(
  {
    callbackUrl: {
      ...textOfForm('^(http|https)://', 'a URL that begins with https:// or http://'),
      maxLength: 4000,
      description: 'Where messages are posted. Its query is secret.',
    },
    headers: {
      type: 'array',
      default: [],
      maxItems: 100,
      description: 'Headers of every call; they win over those of policies and of the message.',
      items: object(
        {
          name: { ...textOfForm('^\\S+$', 'the name of a header, without blanks'), description: 'Its name.' },
          value: text('Its value. Secret.'),
        },
        { required: ['name', 'value'] },
      ),
    },
    keyHeader: {
      ...textOfForm(HEADER_NAME, 'the name of a header'),
      description: "The header that carries the record's key; none when absent.",
    },
    secrets: {
      type: 'array',
      default: [],
      maxItems: 10,
      items: { type: 'string' },
      description: 'Secrets `whsec_…` of Standard Webhooks: calls are signed with each of them. Secret.',
    },
    auth: AUTH_SCHEMA,
    retry: object(
      {
        retryOption: {
          enum: ['No Retry', 'Retry On Fail'],
          default: 'Retry On Fail',
          description: 'Whether a failed call is repeated.',
        },
        retryStrategy: {
          enum: ['LINEAR', 'EXPONENTIAL'],
          default: 'LINEAR',
          description: 'Delays grow by the first one, or double.',
        },
        maxAttempts: {
          type: 'integer',
          minimum: 0,
          maximum: 1000,
          default: 3,
          description: 'Calls beside the first.',
        },
        initialDelaySeconds: seconds(10, 86_400, 'The first delay.'),
        maxDelaySeconds: seconds(30, 86_400, 'The longest delay.'),
        jitter: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          default: 0.1,
          description: 'The part of a delay that chance takes away or adds.',
        },
        timeToLiveSeconds: seconds(
          86_400,
          31_536_000,
          'No call begins later than this after the first failed.',
        ),
        maxRetryAfterSeconds: seconds(300, 86_400, "The most of a callback's `Retry-After` that is waited."),
        statuses: {
          type: 'array',
          default: ['408', '425', '429', '5xx'],
          items: textOfForm(
            '^([345]\\d\\d|[345][xX][xX])$',
            'a status from 300 to 599, or a hundred of them such as 5xx',
          ),
          description: 'Answers after which the call is repeated; also when there is no answer.',
        },
      },
      { default: {} },
    ),
    ssl: object({
      hostnameVerifier: {
        type: 'boolean',
        default: true,
        description: "Whether the certificate must be for the callback's host.",
      },
      trustAll: { type: 'boolean', default: false, description: 'Takes any certificate. For trying out.' },
      trustStore: object({
        type: storeType,
        password: text('Password of a JKS or PKCS12 store. Secret.'),
        content: text('The certificates: PEM, or a store in base64.'),
      }),
      keyStore: object({
        type: storeType,
        password: text('Password of the store. Secret.'),
        alias: text('The entry to use; its first key when absent.'),
        keyPassword: text('Password of the key. Secret.'),
        content: text('A JKS or PKCS12 store in base64. Secret.'),
        certContent: text('Certificate chain, PEM.'),
        keyContent: text('Private key, PEM. Secret.'),
      }),
    }),
  },
  { required: ['callbackUrl'] },
);

/** The pointers of what must not be shown: nobody can tell which header is a credential, so all values are. */
export function secretsOf({ callbackUrl, headers, secrets }: SubscriberConfig): readonly string[] {
  return [
    ...AUTH_SECRETS,
    ...(secrets ?? []).map((_, index) => `/secrets/${index}`),
    ...(headers ?? []).map((_, index) => `/headers/${index}/value`),
    ...(secretFrom(callbackUrl ?? '') === undefined ? [] : ['/callbackUrl']),
    '/ssl/trustStore/password',
    '/ssl/keyStore/password',
    '/ssl/keyStore/keyPassword',
    '/ssl/keyStore/content',
    '/ssl/keyStore/keyContent',
  ];
}

/** What the schema cannot say of a subscriber. */
export function subscriberFaults(subscriber: SubscriberConfig): readonly ConfigFault[] {
  const faults: ConfigFault[] = [...urlFaults(subscriber.callbackUrl)];
  subscriber.headers.forEach(({ name, value }, index) => {
    const message = headerFault(name, value);
    if (message !== undefined) faults.push({ pointer: `/headers/${index}`, message });
    else if (/\{(#|\(|T\()/.test(value)) {
      faults.push({ pointer: `/headers/${index}/value`, message: EXPRESSION });
    }
  });
  if (subscriber.keyHeader !== undefined) {
    const message = headerFault(subscriber.keyHeader, '');
    if (message !== undefined) faults.push({ pointer: '/keyHeader', message });
  }
  subscriber.secrets.forEach((secret, index) => {
    const bytes = secretBytes(secret);
    if (typeof bytes === 'string') faults.push({ pointer: `/secrets/${index}`, message: bytes });
  });
  const { initialDelaySeconds, maxDelaySeconds } = subscriber.retry;
  if (initialDelaySeconds > maxDelaySeconds) {
    faults.push({
      pointer: '/retry/initialDelaySeconds',
      message: 'must not be longer than maxDelaySeconds',
    });
  }
  return [...faults, ...authFaults(subscriber.auth), ...sslFaults(subscriber.ssl)];
}

/** A subscription comes over the network: an expression in it could send the gateway's secrets to its callback. */
const EXPRESSION =
  'expressions are not evaluated in a subscription; a transform-headers policy can set the header';

function urlFaults(callbackUrl: string): readonly ConfigFault[] {
  const pointer = '/callbackUrl';
  if (/\{(#|\(|T\()/.test(callbackUrl)) return [{ pointer, message: EXPRESSION }];
  if (!URL.canParse(callbackUrl)) return [{ pointer, message: 'is not a URL' }];
  const { username, password } = new URL(callbackUrl);
  if (username === '' && password === '') return [];
  return [{ pointer, message: 'must not hold a user name or password: give them as auth.basic' }];
}

function sslFaults(ssl: SslConfig | undefined): readonly ConfigFault[] {
  try {
    tlsOptions(ssl);
    return [];
  } catch (error) {
    if (!(error instanceof SslFault)) throw error;
    return [{ pointer: `/ssl/${error.member}`, message: error.message }];
  }
}
