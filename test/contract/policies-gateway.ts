import assignAttributes from '../../plugins/policy-assign-attributes/src/index.js';
import assignContent from '../../plugins/policy-assign-content/src/index.js';
import cloudEvents from '../../plugins/policy-cloud-events/src/index.js';
import interrupt from '../../plugins/policy-interrupt/src/index.js';
import jsonToJson from '../../plugins/policy-json-to-json/src/index.js';
import jsonValidation from '../../plugins/policy-json-validation/src/index.js';
import latency from '../../plugins/policy-latency/src/index.js';
import messageFiltering from '../../plugins/policy-message-filtering/src/index.js';
import rateLimit from '../../plugins/policy-rate-limit/src/index.js';
import requestEnvelope from '../../plugins/policy-request-envelope/src/index.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { parseSse } from '../support/sse-parser.js';
import { trackedMock } from './policies-mock.js';

const POLICIES = [
  assignAttributes,
  assignContent,
  cloudEvents,
  interrupt,
  jsonToJson,
  jsonValidation,
  latency,
  messageFiltering,
  rateLimit,
  requestEnvelope,
  transformHeaders,
];

type Steps = Readonly<Partial<Record<'request' | 'response' | 'publish' | 'subscribe', readonly object[]>>>;

/** A gateway with one flow; what it publishes, and what it streams. */
export async function gatewayWith(
  steps: Steps,
  mock: { readonly content?: string; readonly count?: number } = {},
) {
  const { plugin, published } = trackedMock(mock.content ?? '{"n":1}', mock.count ?? 2);
  const gateway = await startTestGateway({
    apis: [
      { ...apiDefinition({ endpoint: 'tracked-mock', sse: { headersAsComment: true } }), flows: [steps] },
    ],
    plugins: [...POLICIES, plugin],
  });
  const url = `${gateway.url}/test`;
  return {
    problems: gateway.problems.map(({ path, message }) => `${path}: ${message}`),
    published,
    post: (body: string, headers: Record<string, string> = {}) =>
      fetch(url, { method: 'POST', body, headers: { accept: '*/*', ...headers } }),
    stream: async (headers: Record<string, string> = {}) => {
      const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers } });
      return { response, ...parseSse(await response.text()) };
    },
  };
}
/** A step of a flow. */
export const step = (policy: string, configuration: object, rest: object = {}) => ({
  policy,
  configuration,
  ...rest,
});
/** A step that sets a header. */
export const set = (name: string, value: string) =>
  step('transform-headers', { addHeaders: [{ name, value }] });
/** A step that notes an attribute. */
export const attribute = (name: string, value: string) =>
  step('policy-assign-attributes', { attributes: [{ name, value }] });
