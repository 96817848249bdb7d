/**
 * What a plugin author reads: the contracts of Sluice, and nothing else.
 * @packageDocumentation
 */
export * from './contract/accept.js';
export * from './contract/attribute-list.js';
export * from './contract/config-schema.js';
export * from './contract/context.js';
export * from './contract/delivery.js';
export * from './contract/drained-in-time.js';
export * from './contract/end-signal.js';
export * from './contract/endpoint.js';
export * from './contract/entrypoint.js';
export * from './contract/errors.js';
export * from './contract/header-bounds.js';
export * from './contract/header-list.js';
export * from './contract/header-names.js';
export * from './contract/instant.js';
export * from './contract/json.js';
export * from './contract/logger.js';
export * from './contract/message.js';
export * from './contract/messaging/messaging-telemetry.js';
export * from './contract/messaging/reading.js';
export * from './contract/messaging/table.js';
export * from './contract/messaging/topic-meter.js';
export * from './contract/metrics.js';
export * from './contract/pause.js';
export * from './contract/plugin.js';
export * from './contract/policy.js';
export * from './contract/qos.js';
export * from './contract/receipt.js';
export * from './contract/security.js';
export * from './contract/share/client.js';
export * from './contract/share/lingering-pool.js';
export * from './contract/share/places-in-turn.js';
export * from './contract/share/shares.js';
export { sharedBytes } from './contract/shared-bytes.js';
export * from './contract/start-parameters.js';
export * from './contract/subscription.js';
export * from './contract/telemetry.js';
export * from './contract/text.js';
export * from './contract/tracing.js';
export * from './contract/url-secret.js';
export * from './contract/websocket-handshake.js';
export * from './contract/wrap-subscription.js';
export * from './contract/written-list.js';
export * from './regex/index.js';
export * from './threads/index.js';
