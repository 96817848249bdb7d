/** What a definition of the promises' tests says beyond what it must: nothing, unless a test is about it. */
export interface DefaultApiOptions {
  readonly bootstrapServers: string;
  readonly id: string;
  /** The topics that are read; the first is written. */
  readonly topics: readonly string[];
  /** Read in place of `topics`. */
  readonly topicPattern?: string;
  /** Of every entrypoint; absent: as a definition without it. */
  readonly qos?: string;
  /** Further options of the consumer. */
  readonly consumer?: object;
}

/** A definition with all five entrypoints on `/<id>`, and every default that users have. */
export function defaultApi(options: DefaultApiOptions): object {
  const { bootstrapServers, id, topics, topicPattern, qos, consumer } = options;
  const entrypoint = (type: string) => ({ type, ...(qos === undefined ? {} : { qos }) });
  const read = topicPattern === undefined ? { topics } : { topicPattern };
  return {
    id,
    name: id,
    definitionVersion: '4.0.0',
    type: 'message',
    listeners: [
      {
        type: 'http',
        paths: [{ path: `/${id}` }],
        entrypoints: [
          { type: 'http-post' },
          entrypoint('http-get'),
          entrypoint('sse'),
          entrypoint('websocket'),
        ],
      },
      { type: 'subscription', entrypoints: [entrypoint('webhook')] },
    ],
    endpointGroups: [
      {
        name: 'default',
        type: 'kafka',
        sharedConfiguration: {
          producer: { enabled: true, topics: topics.slice(0, 1) },
          consumer: { enabled: true, ...read, ...consumer },
        },
        endpoints: [
          { name: 'default', type: 'kafka', inheritConfiguration: true, configuration: { bootstrapServers } },
        ],
      },
    ],
  };
}
