import type { ExecutionContext, RequestInfo } from '../contract/context.js';
import type { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import { bytesFor } from '../threads/index.js';
import type { ScopeParts } from './scope.js';

/** Parts of a scope that can be handed to a thread: all but secrets, which are looked up where they are. */
export type ThreadParts = Omit<ScopeParts, 'ctx' | 'message' | 'error' | 'secrets'> & {
  readonly ctx: Pick<
    ExecutionContext,
    'api' | 'response' | 'subscription' | 'clientIdentifier' | 'attributes'
  >;
  readonly request: Omit<RequestInfo, 'query' | 'headerNames'> & { readonly query: string };
  readonly message?: Omit<Message, 'content' | 'headers' | 'key'> & {
    readonly content: Uint8Array<ArrayBuffer> | null;
    readonly headers: readonly (readonly [name: string, value: string | null])[];
  };
  readonly error?: Pick<SluiceError, 'status' | 'code' | 'message' | 'parameters'>;
};

/** The parts for a thread, with a copy of the content. */
export function forThread({ ctx, message, error, secrets: _, ...rest }: ScopeParts): ThreadParts {
  const { api, request, response, subscription, clientIdentifier, attributes } = ctx;
  return {
    ...rest,
    ctx: {
      api: { id: api.id, name: api.name, version: api.version },
      response: { status: response.status, headers: new Map(response.headers) },
      subscription,
      clientIdentifier,
      attributes,
    },
    request: requestForThread(request),
    ...(message === undefined ? {} : { message: messageForThread(message) }),
    ...(error === undefined ? {} : { error: errorForThread(error) }),
  };
}

// Named one by one: requests, messages and what they hold may be objects of classes, whose members are worked out.
function requestForThread(request: RequestInfo): ThreadParts['request'] {
  const { id, method, uri, path, contextPath, pathInfo, scheme, host, remoteAddress, timestampMs } = request;
  return {
    ...{ id, method, uri, path, contextPath, pathInfo, scheme, host, remoteAddress, timestampMs },
    query: request.query.toString(),
    headers: new Map(request.headers),
    pathParams: new Map(request.pathParams),
  };
}

function messageForThread({ id, timestampMs, metadata, attributes, content, headers }: Message) {
  return {
    id,
    timestampMs,
    metadata: { ...metadata },
    ...(attributes === undefined ? {} : { attributes }),
    content: content === null ? null : bytesFor(content),
    headers: headers.map(([name, value]) => [name, value === null ? null : value.toString()] as const),
  };
}

function errorForThread({ status, code, message, parameters }: SluiceError) {
  return { status, code, message, parameters };
}

/** The parts of a scope as a thread was handed them. */
export function fromThread({ ctx, request, message, error, ...rest }: ThreadParts): ScopeParts {
  return {
    ...rest,
    // What views of a scope read is there; nothing else of it is read.
    ctx: { ...ctx, request: { ...request, query: new URLSearchParams(request.query) } } as ExecutionContext,
    error: error as SluiceError | undefined,
    message: message && {
      ...message,
      key: null,
      content: message.content && Buffer.from(message.content.buffer),
      headers: message.headers.map(([name, value]) => [name, value === null ? null : Buffer.from(value)]),
    },
  };
}
