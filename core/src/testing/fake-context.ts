import { randomUUID } from 'node:crypto';
import type { ExecutionContext, RequestInfo } from '../contract/context.js';
import { recordingLogger } from './recording-logger.js';

/** What a test says of an exchange; the rest is made up. */
export interface FakeContextOptions extends Partial<Omit<ExecutionContext, 'request'>> {
  readonly request?: Partial<RequestInfo>;
}

/** A context without a server. Each has a client identifier of its own unless one is given. */
export function fakeContext(options: FakeContextOptions = {}): ExecutionContext {
  const { request, ...rest } = options;
  return {
    api: { id: 'test-api', name: 'Test API', version: '1' },
    clientIdentifier: `client-${randomUUID()}`,
    client: request?.remoteAddress ?? EMPTY_REQUEST.remoteAddress,
    subscription: { id: '192.0.2.1', type: 'standard', metadata: {} },
    response: { status: 200, headers: new Map() },
    attributes: new Map(),
    log: recordingLogger(),
    signal: new AbortController().signal,
    ...rest,
    request: {
      ...EMPTY_REQUEST,
      headers: new Map(),
      headerNames: new Map(),
      pathParams: new Map(),
      id: `request-${randomUUID()}`,
      ...request,
    },
  };
}

const EMPTY_REQUEST = {
  method: 'GET',
  uri: '/test',
  path: '/test',
  contextPath: '/test/',
  pathInfo: '/',
  query: new URLSearchParams(),
  scheme: 'http',
  host: 'gateway.test',
  remoteAddress: '192.0.2.1',
  timestampMs: 1_700_000_000_000,
} as const;
