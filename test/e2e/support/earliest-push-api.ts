/** What a test says of a webhook API on one Kafka topic. */
export interface KafkaPushApiOptions {
  readonly id: string;
  readonly qos: string;
  readonly bootstrapServers: string;
  readonly topic: string;
  /** Calls at a time. */
  readonly concurrent: number;
}

/** The broker frees a killed member's partitions after this. */
const SESSION_MS = 6000;

/**
 * A definition with a webhook entrypoint that reads from the earliest record, with a short session; its dead letters go to the
 * topic `<topic>-<id>-dlq`. What is promised with the defaults is tested in `test/promises`.
 */
export function earliestPushApi({
  id,
  qos,
  bootstrapServers,
  topic,
  concurrent,
}: KafkaPushApiOptions): object {
  const group = (name: string, shared: object) => ({
    name: `${name}-group`,
    type: 'kafka',
    endpoints: [
      { name, type: 'kafka', configuration: { bootstrapServers }, sharedConfigurationOverride: shared },
    ],
  });
  const consumer = {
    enabled: true,
    topics: [topic],
    autoOffsetReset: 'earliest',
    sessionTimeoutMs: SESSION_MS,
    commitIntervalMs: 500,
  };
  return {
    id,
    name: id,
    definitionVersion: '4.0.0',
    type: 'message',
    listeners: [
      {
        type: 'subscription',
        entrypoints: [
          {
            type: 'webhook',
            qos,
            dlq: { endpoint: 'letters' },
            configuration: {
              http: { connectTimeout: 200, readTimeout: 400, maxConcurrentConnections: concurrent },
            },
          },
        ],
      },
    ],
    endpointGroups: [
      group('main', { consumer }),
      group('letters', { producer: { enabled: true, topics: [`${topic}-${id}-dlq`] } }),
    ],
  };
}
