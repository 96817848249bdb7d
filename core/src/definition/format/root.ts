import { descriptive, type FormatMember, honoured, warned } from './fate.js';

/** Members of an API except its listeners, endpoints, flows and plans. */
export const ROOT_MEMBERS: readonly FormatMember[] = [
  ['id', honoured('Made from the name when absent.', 'core/test/definition/document-forms.test.ts')],
  ['name', honoured('In answers, logs and `api.name`.', 'test/contract/metrics.test.ts')],
  ['type', honoured('`message`; others are refused.', 'core/test/definition/load.test.ts')],
  ['apiVersion', honoured('`api.version`.', 'test/contract/names.test.ts')],
  ['definitionVersion', honoured('`4.0.0`; others are refused.', 'core/test/definition/load.test.ts')],
  ['description', descriptive('')],
  ['allowedInApiProducts', descriptive('There are no API products.')],
  ['state', honoured('`STOPPED` is not served.', 'test/contract/stopped-api.test.ts')],
  ['tags', honoured('With the setting `tags` of the gateway.', 'test/contract/tags.test.ts')],
  ['metadata', honoured("`api.metadata['key']`.", 'test/contract/names.test.ts')],
  ['properties[].key', honoured("`api.properties['key']`.", 'test/contract/names.test.ts')],
  ['properties[].value', honoured('The value of it.', 'test/contract/names.test.ts')],
  [
    'properties[].encrypted',
    warned('the value is used as written: nothing decrypts it; use {#secrets.get(…)}'),
  ],
  ['properties[].dynamic', warned('the value is not refreshed while the gateway runs')],
  ['resources[]', warned('there are no resources: nothing here uses it')],
  ['services.*', warned('there are no services of an API: properties are not refreshed')],
  ['flowExecution.mode', honoured('', 'test/contract/flows.test.ts')],
  ['flowExecution.matchRequired', honoured('', 'test/contract/flows.test.ts')],
  [
    'flowExecution.onConditionFailure',
    honoured(
      'Of a flow whose condition cannot be evaluated on what a request holds: `fail` (the default) ends the exchange, `skip` leaves the flow out, as the format does.',
      'test/hostile/flow-guards.test.ts',
    ),
  ],
  ['responseTemplates.*.*.statusCode', honoured('', 'test/contract/response-templates.test.ts')],
  ['responseTemplates.*.*.status', honoured('As `statusCode`.', 'test/contract/response-templates.test.ts')],
  ['responseTemplates.*.*.headers', honoured('', 'test/contract/response-templates.test.ts')],
  ['responseTemplates.*.*.body', honoured('', 'test/contract/response-templates.test.ts')],
  [
    'responseTemplates.*.*.propagateErrorKeyToLogs',
    warned('the log names the key of each error, whatever is written here', () => true),
  ],
  [
    'analytics.enabled',
    warned('metrics of the API are counted all the same; telemetry.metrics switches them off for all', isOff),
  ],
  ['analytics.messageSampling', warned('nothing is reported of single messages')],
  ['analytics.sampling', warned('nothing is reported of single messages')],
  ['analytics.logging', warned('exchanges and messages of an API are not logged')],
  ['analytics.tracing', warned('the OTEL_… variables switch traces on, for all APIs')],
  ['analytics.otelLogs', warned('logs are written to the standard output alone')],
  ['failover', warned('the Kafka client itself continues with the brokers that are available')],
];

function isOff(value: unknown): boolean {
  return value === false || value === 'false';
}
