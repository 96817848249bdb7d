import { type FormatMember, honoured, warned } from './fate.js';

const CORS = 'test/contract/cors.test.ts';
const PATHS = 'test/contract/paths-and-hosts.test.ts';

/** Members of listeners and their entrypoints. */
export const LISTENER_MEMBERS: readonly FormatMember[] = [
  ['listeners[].type', honoured('`http` and `subscription`.', 'core/test/definition/load.test.ts')],
  ['listeners[].paths[].path', honoured('', PATHS)],
  ['listeners[].paths[].host', honoured('`*.example.com` too.', PATHS)],
  [
    'listeners[].paths[].overrideAccess',
    warned('there is no list of hosts and paths that an API may not override'),
  ],
  ['listeners[].pathMappings', warned('metrics name the path of the listener')],
  ['listeners[].servers', warned('a gateway has one server, which listens for all listeners')],
  ['listeners[].requestValidation', warned('requests are not validated against a specification')],
  ['listeners[].cors.enabled', honoured('', CORS)],
  ['listeners[].cors.allowOrigin', honoured('', CORS)],
  ['listeners[].cors.allowMethods', honoured('', CORS)],
  ['listeners[].cors.allowHeaders', honoured('', CORS)],
  ['listeners[].cors.exposeHeaders', honoured('', CORS)],
  ['listeners[].cors.allowCredentials', honoured('', CORS)],
  ['listeners[].cors.maxAge', honoured('', CORS)],
  ['listeners[].cors.allowPrivateNetwork', honoured('', CORS)],
  ['listeners[].cors.runPolicies', warned('preflight requests are answered before any policy runs')],
  ['listeners[].entrypoints[].type', honoured('', 'test/contract/deploy.test.ts')],
  ['listeners[].entrypoints[].qos', honoured('', 'core/test/runtime/agree-qos.test.ts')],
  [
    'listeners[].entrypoints[].dlq.endpoint',
    honoured('On `webhook`; a warning elsewhere.', 'test/contract/webhook-failures.test.ts'),
  ],
  [
    'listeners[].entrypoints[].configuration',
    honoured('See the page of the entrypoint.', 'core/test/runtime/configuration-check.test.ts'),
  ],
];
