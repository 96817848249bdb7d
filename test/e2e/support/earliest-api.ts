/** What a test changes of an API on one Kafka topic. */
export interface KafkaApiOptions {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly id?: string;
  readonly qos?: string;
  readonly postQos?: string;
  readonly producer?: object;
  readonly consumer?: object;
  readonly sse?: object;
  readonly post?: object;
  readonly get?: object;
  readonly ws?: object;
  /** Further members of the shared configuration. */
  readonly shared?: object;
}

/**
 * A definition with http-get, http-post, sse and websocket on `/<id>` that reads from the earliest record at the level none,
 * unless a test says otherwise. That is not what users have who set nothing: what is promised with the defaults is
 * tested over `test/promises/support/default-api.ts`.
 */
export function earliestApi(options: KafkaApiOptions): object {
  const { bootstrapServers, topic, id = 'events', qos = 'none', postQos = 'auto' } = options;
  return {
    id,
    name: id,
    apiVersion: '1',
    definitionVersion: '4.0.0',
    type: 'message',
    listeners: [
      {
        type: 'http',
        paths: [{ path: `/${id}` }],
        entrypoints: [
          { type: 'http-post', qos: postQos, configuration: options.post ?? {} },
          { type: 'http-get', qos, configuration: options.get ?? {} },
          { type: 'sse', qos, configuration: { heartbeatIntervalInMs: 2000, ...options.sse } },
          { type: 'websocket', qos, configuration: options.ws ?? {} },
        ],
      },
    ],
    endpointGroups: [
      {
        name: 'default',
        type: 'kafka',
        endpoints: [
          {
            name: 'default',
            type: 'kafka',
            configuration: { bootstrapServers },
            sharedConfigurationOverride: {
              ...options.shared,
              producer: { enabled: true, topics: [topic], ...options.producer },
              consumer: { enabled: true, topics: [topic], autoOffsetReset: 'earliest', ...options.consumer },
            },
          },
        ],
      },
    ],
  };
}
