import type { ConfigSchema } from '@sluice/core';

/** The configuration of the `sse` entrypoint. */
export interface SseConfig {
  /** A comment is sent when nothing else was for this long, or up to a quarter less; milliseconds. */
  readonly heartbeatIntervalInMs: number;
  readonly metadataAsComment: boolean;
  readonly headersAsComment: boolean;
  /** A client that takes nothing for this long is cut; it resumes with its last id. Milliseconds. */
  readonly stallTimeoutMs: number;
  /** Under the levels that settle, how many events may be written and not yet taken by the socket. */
  readonly maxInFlight: number;
}

/** JSON Schema of {@link SseConfig}. */
export const SSE_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    heartbeatIntervalInMs: {
      type: 'integer',
      minimum: 2000,
      maximum: 3_600_000,
      default: 5000,
      description:
        'A comment is sent when nothing else was for this long, or up to a quarter less, so that those of many clients are spread; milliseconds.',
    },
    metadataAsComment: {
      type: 'boolean',
      default: false,
      description: "Sends a message's metadata as comment lines of its event.",
    },
    headersAsComment: {
      type: 'boolean',
      default: false,
      description: "Sends a message's headers as comment lines of its event.",
    },
    stallTimeoutMs: {
      type: 'integer',
      minimum: 1000,
      maximum: 3_600_000,
      default: 30_000,
      description:
        'A client that takes nothing for this long is cut; it resumes with its last id. Milliseconds.',
    },
    maxInFlight: {
      type: 'integer',
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description:
        'Under the levels that settle, how many events may be written and not yet taken by the socket.',
    },
  },
};
