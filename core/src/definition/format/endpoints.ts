import { descriptive, type FormatMember, honoured, warned } from './fate.js';

const GROUPS = 'test/contract/endpoint-groups.test.ts';
const CONFIGURATION = 'test/contract/dynamic-endpoint.test.ts';
const NO_CHECK = 'an endpoint is down when its own client says so: no health check is made';

/** Members of endpoint groups and their endpoints. */
export const ENDPOINT_MEMBERS: readonly FormatMember[] = [
  ['endpointGroups[].name', honoured('', GROUPS)],
  ['endpointGroups[].type', descriptive('The type of each endpoint counts.')],
  ['endpointGroups[].loadBalancer.type', honoured('', GROUPS)],
  ['endpointGroups[].sharedConfiguration', honoured('See the page of the endpoint.', CONFIGURATION)],
  ['endpointGroups[].services.discovery', warned('endpoints are those that are written')],
  ['endpointGroups[].services.healthCheck', warned(NO_CHECK)],
  ['endpointGroups[].endpoints[].name', honoured('', GROUPS)],
  ['endpointGroups[].endpoints[].type', honoured('', 'test/contract/deploy.test.ts')],
  ['endpointGroups[].endpoints[].secondary', honoured('', GROUPS)],
  [
    'endpointGroups[].endpoints[].tenants',
    honoured('With the setting `tenant`.', 'test/contract/tags.test.ts'),
  ],
  ['endpointGroups[].endpoints[].weight', honoured('', GROUPS)],
  [
    'endpointGroups[].endpoints[].inheritConfiguration',
    honoured('', 'core/test/runtime/inherit-configuration.test.ts'),
  ],
  ['endpointGroups[].endpoints[].configuration', honoured('See the page of the endpoint.', CONFIGURATION)],
  ['endpointGroups[].endpoints[].sharedConfigurationOverride', honoured('', CONFIGURATION)],
  ['endpointGroups[].endpoints[].services.healthCheck', warned(NO_CHECK)],
];
