import { QOS_LEVELS } from '../contract/qos.js';
import { EXTENSION } from './validator.js';

/*
 * The definition format as JSON Schema, in the one spelling that spelling.ts produces. Unknown members are
 * reported as warnings (the format ignores them), which is why `additionalProperties` is false everywhere.
 */
type Schema = Readonly<Record<string, unknown>>;

const object = (properties: Record<string, Schema>, required: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
const list = (items: Schema, extra: Schema = {}): Schema => ({ type: 'array', items, default: [], ...extra });
const text: Schema = { type: 'string' };
const name: Schema = { type: 'string', minLength: 1 };
const flag = (value: boolean): Schema => ({ type: 'boolean', default: value });
const choice = (values: readonly string[], value?: string): Schema =>
  value === undefined ? { enum: values } : { enum: values, default: value };
/** What nothing here reads: it is warned of, whatever it is. */
const anything: Schema = {};
const bag: Schema = { type: 'object', default: {} };

/** JSON Schema of one step of a flow. */
export const STEP_SCHEMA = object(
  {
    name: text,
    description: text,
    enabled: flag(true),
    policy: name,
    configuration: bag,
    condition: text,
    messageCondition: text,
  },
  ['policy'],
);
const selector = object(
  {
    type: choice(['http', 'channel', 'condition', 'mcp']),
    path: text,
    pathOperator: choice(['equals', 'starts-with']),
    methods: { type: 'array', items: text },
    operations: { type: 'array', items: choice(['subscribe', 'publish']) },
    channel: text,
    channelOperator: choice(['equals', 'starts-with']),
    entrypoints: { type: 'array', items: text },
    condition: text,
  },
  ['type'],
);
const flow = object({
  id: text,
  name: { type: 'string', default: '' },
  enabled: flag(true),
  tags: list(text),
  selectors: list(selector),
  request: list(STEP_SCHEMA),
  response: list(STEP_SCHEMA),
  publish: list(STEP_SCHEMA),
  subscribe: list(STEP_SCHEMA),
});
const path = object({
  host: text,
  path: { type: 'string', default: '/' },
  overrideAccess: { type: 'boolean' },
});
const entrypoint = object(
  {
    type: name,
    qos: choice([...QOS_LEVELS, 'auto'], 'auto'),
    dlq: object({ endpoint: name }, ['endpoint']),
    configuration: bag,
  },
  ['type'],
);
const cors = {
  ...object({
    enabled: flag(false),
    allowOrigin: list(text),
    allowMethods: list(text),
    allowHeaders: list(text),
    exposeHeaders: list(text),
    allowCredentials: flag(false),
    maxAge: { type: 'integer', default: -1 },
    runPolicies: flag(false),
    allowPrivateNetwork: flag(false),
  }),
  default: {},
};
const listener = {
  ...object(
    {
      type: choice(['http', 'subscription']),
      paths: list(path),
      pathMappings: { type: 'array' },
      servers: { type: 'array', items: text },
      cors,
      requestValidation: anything,
      entrypoints: list(entrypoint, { minItems: 1 }),
    },
    ['type', 'entrypoints'],
  ),
  if: { properties: { type: { const: 'http' } } },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
  then: { required: ['paths'], properties: { paths: { minItems: 1 } } },
};
const endpoint = object(
  {
    name,
    type: name,
    secondary: flag(false),
    tenants: list(text),
    weight: { type: 'integer', minimum: 0, default: 1 },
    inheritConfiguration: flag(false),
    configuration: bag,
    sharedConfigurationOverride: bag,
    services: anything,
  },
  ['name', 'type'],
);
const endpointGroup = object(
  {
    name,
    type: name,
    loadBalancer: {
      ...object({
        type: choice(['round-robin', 'random', 'weighted-round-robin', 'weighted-random'], 'round-robin'),
      }),
      default: {},
    },
    sharedConfiguration: bag,
    endpoints: list(endpoint, { minItems: 1 }),
    services: anything,
  },
  ['name', 'type', 'endpoints'],
);
const plan = object(
  {
    id: name,
    name: { type: 'string', default: '' },
    security: object({ type: name, configuration: bag }, ['type']),
    mode: choice(['standard', 'push'], 'standard'),
    selectionRule: text,
    operations: {
      $comment: EXTENSION,
      type: 'array',
      items: choice(['publish', 'subscribe']),
      minItems: 1,
      uniqueItems: true,
      default: ['publish', 'subscribe'],
    },
    tags: list(text),
    status: choice(['staging', 'published', 'deprecated', 'closed'], 'published'),
    flows: list(flow),
  },
  ['id'],
);

const metadata: Schema = {
  anyOf: [
    { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
    { type: 'array', items: { type: 'object', required: ['key'], properties: { key: name } } },
  ],
};

const responseTemplate = object({
  statusCode: { type: 'integer', minimum: 200, maximum: 599 },
  status: { type: 'integer', minimum: 200, maximum: 599 },
  headers: { type: 'object', additionalProperties: text, default: {} },
  body: text,
  propagateErrorKeyToLogs: { type: 'boolean' },
});

/** JSON Schema (draft-07) of a message API definition, but for what the plugins' own schemas say. */
export const DEFINITION_SCHEMA: Schema = object(
  {
    $schema: text,
    id: name,
    name: { type: 'string', minLength: 1 },
    type: choice(['message']),
    apiVersion: { type: 'string', default: '' },
    definitionVersion: choice(['4.0.0']),
    description: text,
    tags: list(text),
    metadata,
    properties: list(
      object({ key: name, value: text, encrypted: { type: 'boolean' }, dynamic: { type: 'boolean' } }, [
        'key',
      ]),
    ),
    resources: list(anything),
    state: choice(['started', 'stopped'], 'started'),
    listeners: list(listener, { minItems: 1 }),
    endpointGroups: list(endpointGroup, { minItems: 1 }),
    analytics: anything,
    failover: anything,
    plans: { type: 'array', items: plan },
    flowExecution: {
      ...object({
        mode: choice(['default', 'best-match'], 'default'),
        matchRequired: flag(false),
        onConditionFailure: choice(['fail', 'skip'], 'fail'),
      }),
      default: {},
    },
    flows: list(flow),
    responseTemplates: {
      type: 'object',
      default: {},
      additionalProperties: { type: 'object', additionalProperties: responseTemplate },
    },
    services: anything,
    allowedInApiProducts: { type: 'boolean' },
  },
  ['id', 'name', 'type', 'definitionVersion', 'listeners', 'endpointGroups'],
);
