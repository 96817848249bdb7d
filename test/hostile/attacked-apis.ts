const KAFKA = `\${env:KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}`;
const ALL_READERS = [
  { type: 'http-get', qos: 'none', configuration: { messagesLimitDurationMs: 100, headersInPayload: true } },
  { type: 'sse', qos: 'none', configuration: { headersAsComment: true, metadataAsComment: true } },
  { type: 'websocket', qos: 'none' },
];
const WRITER = {
  type: 'http-post',
  configuration: { requestHeadersToMessage: true, batches: ['json-array', 'ndjson'] },
};

/** What is said of an API beside its path. */
interface Said {
  readonly listener?: object;
  /** Its topics as they are written; those of a mock endpoint, none, when absent. */
  readonly topics?: readonly string[];
  readonly from?: string;
  readonly shared?: object;
  readonly flows?: readonly object[];
  readonly responseTemplates?: object;
}

function api(id: string, said: Said): object {
  const { topics, from = 'latest', shared = {}, flows = [], responseTemplates } = said;
  const listener = said.listener ?? {
    type: 'http',
    paths: [{ path: `/${id}` }],
    entrypoints: [...ALL_READERS, WRITER],
  };
  const endpoint =
    topics === undefined
      ? { name: id, type: 'mock' }
      : {
          name: id,
          type: 'kafka',
          configuration: { bootstrapServers: KAFKA },
          sharedConfigurationOverride: {
            ...shared,
            producer: { enabled: true, topics },
            consumer: { enabled: true, topics, autoOffsetReset: from },
          },
        };
  return {
    id,
    name: id,
    type: 'message',
    definitionVersion: '4.0.0',
    listeners: [listener],
    endpointGroups: [{ name: id, type: endpoint.type, endpoints: [endpoint] }],
    flows,
    ...(responseTemplates === undefined ? {} : { responseTemplates }),
  };
}

const step = (policy: string, configuration: object) => ({ policy, configuration });
const publish = (policy: string, configuration: object) => ({
  flows: [{ publish: [step(policy, configuration)] }],
});
const checked = (schema: object) => publish('json-validation', { schema: JSON.stringify(schema) });
const echo = "{#request.params['q'][0]}";

/** What the attacks are played to: over Kafka and with every entrypoint, or a mock endpoint behind one policy. */
export const ATTACKED_APIS: readonly object[] = [
  api('events', { topics: ['events'] }),
  api('poison', { topics: ['poison'], from: 'earliest' }),
  api('pushed', {
    topics: ['pushed'],
    from: 'earliest',
    listener: { type: 'subscription', entrypoints: [{ type: 'webhook', qos: 'at-least-once' }] },
  }),
  api('chosen', {
    topics: ["{#context.attributes['topic']}"],
    shared: { allowedTopics: ['chosen-*'] },
    flows: [
      {
        request: [
          step('policy-assign-attributes', {
            attributes: [{ name: 'topic', value: "{#request.headers['x-topic'][0]}" }],
          }),
        ],
      },
    ],
  }),
  api('echo', {
    flows: [{ request: [step('policy-interrupt', { errorKey: 'NO', statusCode: 418, message: 'no' })] }],
    responseTemplates: { DEFAULT: { '*/*': { headers: { 'X-Echo': echo }, body: echo } } },
  }),
  api('address', checked({ type: 'string', pattern: '^([a-zA-Z0-9_.-]+)+@([a-zA-Z0-9-]+.)+[a-zA-Z]{2,}$' })),
  api('unique', checked({ type: 'array', uniqueItems: true })),
  api(
    'pattern',
    publish('transform-headers', {
      addHeaders: [{ name: 'X-Found', value: '{#message.json.text.matches(#message.json.pattern)}' }],
    }),
  ),
  api('mapped', publish('json-to-json', { specification: 'items.{ "id": n, "t": $uppercase(text) }' })),
];
