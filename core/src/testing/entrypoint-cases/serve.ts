import type { ExecutionContext } from '../../contract/context.js';
import type { EndpointConnector } from '../../contract/endpoint.js';
import type { EntrypointConnector, EntrypointResponse } from '../../contract/entrypoint.js';
import type { Qos } from '../../contract/qos.js';
import { compileSchema } from '../../definition/validator.js';
import type { EntrypointHarness, SeenMessage } from '../entrypoint-harness.js';
import { fakeContext } from '../fake-context.js';
import { fakeHost } from '../fake-host.js';
import { recordingLogger } from '../recording-logger.js';
import { RecordingSink } from '../recording-sink.js';
import { until, within } from '../wait.js';

/** What a case says of one exchange. */
export interface ServeOptions {
  readonly qos: Qos;
  readonly cursor?: string;
  readonly clientIdentifier?: string;
  readonly body?: Buffer | Error;
  readonly stopping?: AbortSignal;
  readonly sink?: RecordingSink;
}

/** The entrypoint with its configuration, defaults filled in. @throws Error when its schema refuses it */
export function createEntrypoint({ plugin, configuration = {} }: EntrypointHarness): EntrypointConnector {
  const config = structuredClone(configuration);
  const problems = compileSchema(plugin.schema)(config);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return plugin.create(config, { log: recordingLogger(), apiId: 'test-api' });
}

/** Hands one request to the entrypoint. */
export function handle(
  harness: EntrypointHarness,
  endpoint: EndpointConnector,
  options: ServeOptions,
): Promise<EntrypointResponse> {
  const ctx = contextOf(harness, options);
  const host = fakeHost({ endpoint, ctx, ...options });
  return createEntrypoint(harness).handle(ctx, host);
}

/** A stream that is being served. */
export interface ServedStream {
  readonly sink: RecordingSink;
  /** What the client understands of what it was sent so far. */
  seen(): readonly SeenMessage[];
  /** Resolves once the client has understood that many messages. */
  arrived(count: number): Promise<void>;
  /** Resolves once the entrypoint is done with the stream, by an error or not. */
  ended(): Promise<void>;
}

/** Serves a request whose answer is a stream. @throws what the entrypoint answers with */
export async function serveStream(
  harness: EntrypointHarness,
  endpoint: EndpointConnector,
  options: ServeOptions,
): Promise<ServedStream> {
  const patienceMs = harness.patienceMs ?? 5000;
  const sink = options.sink ?? new RecordingSink();
  const response = await within(handle(harness, endpoint, options), patienceMs, 'the answer');
  const done = begin(harness, response, sink).catch(() => undefined);
  const seen = () => harness.parse?.(sink.text) ?? [];
  return {
    sink,
    seen,
    arrived: (count) => until(() => seen().length >= count, patienceMs, `message ${count} at the client`),
    ended: () => within(done, patienceMs, 'the end of the stream'),
  };
}

/** @throws Error when the answer is neither a stream nor an upgrade that the harness knows how to serve */
function begin(harness: EntrypointHarness, response: EntrypointResponse, sink: RecordingSink): Promise<void> {
  if ('stream' in response) return response.stream(sink);
  if ('upgrade' in response && harness.upgrade !== undefined) return harness.upgrade(response, sink);
  throw new Error('the answer is not a stream');
}

function contextOf(harness: EntrypointHarness, options: ServeOptions): ExecutionContext {
  const { cursor, clientIdentifier } = options;
  return fakeContext({
    request: harness.request(cursor === undefined ? {} : { cursor }),
    ...(clientIdentifier === undefined ? {} : { clientIdentifier }),
  });
}
