import type { EndpointConnector, EntrypointConnector, Qos, ResponseHeaders } from '@sluice/core';
import {
  fakeContext,
  fakeHost,
  type RecordingLogger,
  RecordingSink,
  recordingLogger,
} from '@sluice/core/testing';
import sse from '@sluice/entrypoint-sse';

/** The configuration that a definition without any gives. */
export const CONFIG = {
  heartbeatIntervalInMs: 5000,
  metadataAsComment: false,
  headersAsComment: false,
  stallTimeoutMs: 30_000,
  maxInFlight: 1000,
};

/** One client of the entrypoint. */
export interface Client {
  readonly sink: RecordingSink;
  readonly log: RecordingLogger;
  readonly stopping: AbortController;
  readonly headers: ResponseHeaders;
  /** Settles as the stream does. */
  readonly done: Promise<void>;
  /** Undefined while the stream goes on, then `ended` or the error it threw. */
  outcome(): unknown;
}

/** What a test says of a client. */
export interface ClientOptions {
  readonly entrypoint?: EntrypointConnector;
  readonly qos?: Qos;
  readonly sink?: RecordingSink;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

/** The entrypoint as deployed with these options. */
export function createSse(config: Partial<typeof CONFIG> = {}): EntrypointConnector {
  return sse.create({ ...CONFIG, ...config }, { apiId: 'test', log: recordingLogger() });
}

/** Connects a client and begins to stream to it. */
export async function connect(endpoint: EndpointConnector, options: ClientOptions = {}): Promise<Client> {
  const { entrypoint = createSse(), qos = 'none', sink = new RecordingSink(), headers = {} } = options;
  const log = recordingLogger();
  const stopping = new AbortController();
  const ctx = fakeContext({
    log,
    clientIdentifier: 'client-1',
    request: {
      id: 'request-1',
      headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
      query: new URLSearchParams(options.query),
    },
  });
  const host = fakeHost({ endpoint, ctx, qos, stopping: stopping.signal });
  const response = await entrypoint.handle(ctx, host);
  if (!('stream' in response)) throw new Error('the answer is not a stream');
  let outcome: unknown;
  const done = response.stream(sink).then(
    () => {
      outcome = 'ended';
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  return { sink, log, stopping, headers: response.headers ?? {}, done, outcome: () => outcome };
}
