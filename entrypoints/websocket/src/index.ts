import {
  defineEntrypoint,
  type EntrypointConnector,
  type EntrypointHost,
  type ExecutionContext,
  type GapNotice,
  isWebSocketHandshake,
  type Mode,
  QOS_LEVELS,
  SluiceError,
  type UpgradedConnection,
  type UpgradedResponse,
} from '@sluice/core';
import { type WebSocket, WebSocketServer } from 'ws';
import { WEBSOCKET_SCHEMA, type WebSocketConfig } from './config.js';
import { ENVELOPE_PROTOCOL } from './envelope.js';
import { checkHandshake, chosenProtocol, offeredProtocols } from './handshake.js';
import { batchEncoder } from './outbound.js';
import { readParameters } from './parameters.js';
import { Session, type SessionParts } from './session.js';

/** Messages over WebSocket (RFC 6455), both ways: frames as they are, or JSON envelopes with a subprotocol. */
export default defineEntrypoint<WebSocketConfig>({
  kind: 'entrypoint',
  id: 'websocket',
  formatOptions: ['publisher', 'subscriber', 'enabled'],
  listener: 'http',
  modes: ['publish', 'subscribe'],
  modesOf: ({ publisher, subscriber }) => {
    const modes: Mode[] = [];
    if (publisher.enabled) modes.push('publish');
    if (subscriber.enabled) modes.push('subscribe');
    return modes;
  },
  upgrades: true,
  criteria: 4,
  methods: ['GET'],
  matches: isWebSocketHandshake,
  qos: QOS_LEVELS,
  carriesCursor: true,
  requires: (qos) => (qos === 'at-least-once' || qos === 'at-most-once' ? ['manual-ack', 'recover'] : []),
  schema: WEBSOCKET_SCHEMA,
  create(config): EntrypointConnector {
    const handshakes = new Handshakes(config);
    const encoders = { plain: batchEncoder(config, false), enveloped: batchEncoder(config, true) };
    return {
      async handle(ctx, host): Promise<UpgradedResponse> {
        const parts = await openSession(ctx, host, config, encoders);
        return {
          status: 101,
          headers: { 'X-Gravitee-Client-Identifier': ctx.clientIdentifier },
          async upgrade(connection) {
            const ws = await handshakes.complete(connection);
            if (ws === undefined) await parts.subscription?.close();
            else await new Session(parts, ws, connection.sink).run();
          },
          abandon: async () => parts.subscription?.close(),
        };
      },
    };
  },
});

/** Everything that may fail does so here, where the answer is still one of HTTP. @throws SluiceError */
async function openSession(
  ctx: ExecutionContext,
  host: EntrypointHost,
  config: WebSocketConfig,
  encoders: Readonly<Record<'plain' | 'enveloped', SessionParts['encode']>>,
): Promise<SessionParts> {
  checkHandshake(ctx.request, config);
  const enveloped = chosenProtocol(offeredProtocols(ctx.request)) === ENVELOPE_PROTOCOL;
  const { acks, ...start } = readParameters(ctx.request, host.qos, enveloped);
  // Read before anything is opened: a name that is not valid throws.
  void ctx.clientIdentifier;
  const publishes = config.publisher.enabled && host.modes.includes('publish');
  const subscribes = config.subscriber.enabled && host.modes.includes('subscribe');
  if (!publishes && !subscribes) throw new SluiceError('OPERATION_FORBIDDEN');
  const gaps: GapNotice[] = [];
  const subscription = subscribes
    ? await host.subscribe({ maxInFlight: config.maxInFlight, onGap: (gap) => gaps.push(gap), ...start })
    : undefined;
  const encode = enveloped ? encoders.enveloped : encoders.plain;
  const parts = { ctx, host, config, gaps, encode, enveloped, acks, publishes };
  return subscription === undefined ? parts : { ...parts, subscription };
}

/** Completes handshakes, by the library. */
class Handshakes {
  readonly #server: WebSocketServer;
  readonly #headers = new WeakMap<object, UpgradedConnection['headers']>();

  constructor({ maxMessageBytes }: WebSocketConfig) {
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: maxMessageBytes,
      // One frame a turn: thousands fit into one read, and nobody else would be served meanwhile.
      allowSynchronousEvents: false,
      perMessageDeflate: false,
      handleProtocols: (offered) => chosenProtocol(offered) ?? false,
    });
    this.#server.on('headers', (lines, request) => {
      for (const [name, value] of Object.entries(this.#headers.get(request) ?? {})) {
        for (const one of [value].flat()) lines.push(`${name}: ${one}`);
      }
    });
  }

  /** The open WebSocket; undefined when the client has gone meanwhile. */
  complete({ request, socket, head, headers }: UpgradedConnection): Promise<WebSocket | undefined> {
    this.#headers.set(request, headers);
    return new Promise((resolve) => {
      socket.once('close', () => resolve(undefined));
      this.#server.handleUpgrade(request, socket, head, resolve);
    });
  }
}
