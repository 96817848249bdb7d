/** The quality-of-service levels, weakest first; `auto` is agreed away when a definition is deployed. */
export const QOS_LEVELS = ['none', 'balanced', 'at-best', 'at-most-once', 'at-least-once'] as const;

/** A level that an entrypoint and an endpoint have agreed on. */
export type Qos = (typeof QOS_LEVELS)[number];

/** What a definition may ask for. */
export type RequestedQos = Qos | 'auto';

/**
 * What an endpoint can do for a level: `auto-ack` records progress by itself, `manual-ack` by the settling of
 * deliveries, `recover` starts after a cursor that a client brings.
 */
export type QosCapability = 'auto-ack' | 'manual-ack' | 'recover';
