import type { EndpointConnector, EntrypointResponse, Qos } from '@sluice/core';
import {
  fakeContext,
  fakeHost,
  type RecordingLogger,
  RecordingSink,
  recordingLogger,
} from '@sluice/core/testing';
import httpGet from '@sluice/entrypoint-http-get';

/** The configuration that a definition without any gives. */
export const CONFIG = {
  messagesLimitCount: 500,
  messagesLimitDurationMs: 5000,
  maxWaitMs: 20_000,
  headersInPayload: false,
  metadataInPayload: false,
  maxPageBytes: 4_194_304,
  stallTimeoutMs: 30_000,
  keyHeader: 'X-Message-Key',
};

/** What a test says of one request. */
export interface AskOptions {
  readonly config?: Partial<typeof CONFIG>;
  readonly qos?: Qos;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly client?: string;
  readonly stopping?: AbortSignal;
  readonly gone?: AbortSignal;
  readonly answerInMs?: number;
  readonly log?: RecordingLogger;
}

/** Hands one request to the entrypoint; JSON unless the headers say otherwise. */
export function ask(endpoint: EndpointConnector, options: AskOptions = {}): Promise<EntrypointResponse> {
  const { qos = 'at-least-once', headers = { accept: 'application/json' }, method = 'GET' } = options;
  const ctx = fakeContext({
    clientIdentifier: options.client ?? 'client-1',
    log: options.log ?? recordingLogger(),
    ...(options.gone === undefined ? {} : { signal: options.gone }),
    request: {
      id: 'request-1',
      method,
      headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
      query: new URLSearchParams(options.query),
    },
  });
  const host = fakeHost({
    endpoint,
    ctx,
    qos,
    answerBy: performance.now() + (options.answerInMs ?? 30_000),
    ...(options.stopping === undefined ? {} : { stopping: options.stopping }),
  });
  const connector = httpGet.create(
    { ...CONFIG, ...options.config },
    { apiId: 'test', log: recordingLogger() },
  );
  return connector.handle(ctx, host);
}

/** Writes an answer to a client, to the end. */
export async function send(response: EntrypointResponse, sink = new RecordingSink()): Promise<string> {
  if ('upgrade' in response) throw new Error('a page is no upgrade');
  if (!('stream' in response)) return String(response.body ?? '');
  await response.stream(sink);
  return sink.text;
}
