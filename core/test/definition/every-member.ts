/** A step, a selector and a flow with every member that the format gives them. */
const step = {
  name: 'a step',
  description: 'for people',
  enabled: true,
  policy: 'policy-assign-attributes',
  configuration: { attributes: [] },
  condition: '{#request.method != null}',
  messageCondition: '{#request.method != null}',
};
const flow = {
  id: 'flow-1',
  name: 'a flow',
  enabled: true,
  tags: ['eu'],
  selectors: [
    { type: 'HTTP', path: '/only-here', pathOperator: 'EQUALS', methods: ['GET'] },
    {
      type: 'CHANNEL',
      operations: ['SUBSCRIBE'],
      channel: '/',
      channelOperator: 'STARTS_WITH',
      entrypoints: ['sse'],
    },
    { type: 'CONDITION', condition: '{#request.method != null}' },
  ],
  request: [step],
  response: [step],
  publish: [step],
  subscribe: [step],
};
const service = (type: string) => ({ type, enabled: true, overrideConfiguration: false, configuration: {} });

/** A definition with every member of the format, each with a value that asks for something. */
export const EVERY_MEMBER = {
  id: 'every',
  name: 'Every member',
  type: 'MESSAGE',
  apiVersion: '1.0',
  definitionVersion: 'V4',
  description: 'for people',
  allowedInApiProducts: true,
  state: 'STARTED',
  tags: ['eu'],
  metadata: [{ key: 'owner', name: 'Owner', format: 'STRING', value: 'team-a', defaultValue: 'nobody' }],
  properties: [{ key: 'region', value: 'eu', encrypted: true, dynamic: true }],
  resources: [{ name: 'cache', type: 'cache', configuration: {}, enabled: true }],
  services: { dynamicProperty: service('http-dynamic-properties') },
  flowExecution: { mode: 'BEST_MATCH', matchRequired: true, onConditionFailure: 'skip' },
  responseTemplates: {
    DEFAULT: {
      '*/*': { statusCode: 400, headers: { 'X-A': 'b' }, body: 'no', propagateErrorKeyToLogs: true },
      'application/json': { status: 400 },
    },
  },
  analytics: {
    enabled: false,
    messageSampling: { type: 'count', value: '10' },
    sampling: { type: 'COUNT', value: '10' },
    logging: { mode: { entrypoint: true }, content: { payload: true } },
    tracing: { enabled: true, verbose: true },
    otelLogs: { enabled: true },
  },
  failover: { enabled: true, maxRetries: 2 },
  listeners: [
    {
      type: 'HTTP',
      paths: [{ host: 'events.example.com', path: '/every', overrideAccess: true }],
      pathMappings: ['/every/:id'],
      servers: ['default'],
      requestValidation: { enabled: true },
      cors: {
        enabled: true,
        allowOrigin: ['*'],
        allowMethods: ['GET'],
        allowHeaders: ['x-a'],
        exposeHeaders: ['x-b'],
        allowCredentials: false,
        maxAge: 60,
        runPolicies: true,
        allowPrivateNetwork: true,
      },
      entrypoints: [
        {
          type: 'sse',
          qos: 'NONE',
          dlq: { endpoint: 'letters' },
          configuration: { metadataAsComment: true },
        },
      ],
    },
  ],
  endpointGroups: [
    {
      name: 'group',
      type: 'mock',
      loadBalancer: { type: 'ROUND_ROBIN' },
      sharedConfiguration: {},
      services: { discovery: service('consul'), healthCheck: service('http-health-check') },
      endpoints: [
        {
          name: 'main',
          type: 'mock',
          secondary: false,
          tenants: ['eu'],
          weight: 1,
          inheritConfiguration: false,
          configuration: { messageInterval: 1000 },
          sharedConfigurationOverride: {},
          services: { healthCheck: service('http-health-check') },
        },
        { name: 'letters', type: 'mock', inheritConfiguration: true },
      ],
    },
  ],
  flows: [flow],
  plans: [
    {
      id: 'free',
      name: 'Free',
      security: { type: 'KEY_LESS', configuration: {} },
      mode: 'STANDARD',
      status: 'PUBLISHED',
      selectionRule: '{#request.method != null}',
      operations: ['publish', 'subscribe'],
      tags: ['eu'],
      flows: [flow],
    },
  ],
};
