import type { TestGateway } from './gateway.js';

/** What a test says of an API with a webhook entrypoint. */
export interface PushApiOptions {
  readonly id?: string;
  readonly qos?: string;
  readonly dlq?: string;
  /** Of the entrypoint. */
  readonly webhook?: object;
  readonly plans?: readonly object[];
  readonly flows?: readonly object[];
  /** Types of endpoints, each in a group of its own; one of type `test` when absent. Names are `<type>-endpoint`. */
  readonly endpoints?: readonly string[];
}

/** A definition with one webhook entrypoint. */
export function pushApi(options: PushApiOptions = {}): object {
  const { id = 'push', qos = 'at-least-once', endpoints = ['test'] } = options;
  const entrypoint = {
    type: 'webhook',
    qos,
    configuration: options.webhook ?? {},
    ...(options.dlq === undefined ? {} : { dlq: { endpoint: options.dlq } }),
  };
  return {
    id,
    name: id,
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [{ type: 'subscription', entrypoints: [entrypoint] }],
    endpointGroups: endpoints.map((type) => ({
      name: `${type}-group`,
      type,
      endpoints: [{ name: `${type}-endpoint`, type }],
    })),
    flows: options.flows ?? [],
    ...(options.plans === undefined ? {} : { plans: options.plans }),
  };
}

/** Delays of milliseconds, so that a test waits for conditions only. */
export const QUICK = { initialDelaySeconds: 0.005, maxDelaySeconds: 0.02, jitter: 0 };

/** A subscription in the form of the management API. */
export function subscription(callbackUrl: string, more: object = {}, rest: object = {}): object {
  return {
    consumerConfiguration: {
      entrypointId: 'webhook',
      channel: '/',
      entrypointConfiguration: { callbackUrl, retry: QUICK, ...more },
    },
    ...rest,
  };
}

/** What the management API answered. */
export interface AdminAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
  readonly body: any;
}

/** Calls the management API. */
export async function admin(
  { adminUrl }: Pick<TestGateway, 'adminUrl'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<AdminAnswer> {
  const answer = await fetch(`${adminUrl}${path}`, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}
