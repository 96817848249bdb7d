import { expect, test } from 'vitest';
import { folderWith } from '../support/cli.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { tracePolicy } from '../support/trace-policy.js';

const step = (label: string, rest: object = {}) => ({ policy: 'trace', configuration: { label }, ...rest });
const group = (id: unknown, rest: object = {}) => ({
  policy: 'shared-policy-group-policy',
  configuration: { sharedPolicyGroupId: id },
  ...rest,
});

async function gatewayWith(flow: object, files: Readonly<Record<string, unknown>>) {
  const trace: string[] = [];
  const definition = { ...apiDefinition(), flows: [flow] };
  const folder = await folderWith({ 'test.api.json': definition, ...files });
  const gateway = await startTestGateway({ folder, plugins: [tracePolicy(trace)] });
  const post = (body = 'x', headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/test`, { method: 'POST', body, headers }).then(({ status }) => status);
  const errors = () =>
    gateway.log.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
  return { post, trace, errors };
}

test('the steps of a group run in the place of the step that names it, by id or cross id', async () => {
  const { post, trace, errors } = await gatewayWith(
    { request: [step('before'), group('g'), step('after')], publish: [group('cross')] },
    {
      'a.policy-group.json': {
        id: 'g',
        apiType: 'MESSAGE',
        phase: 'REQUEST',
        steps: [step('one'), step('off', { enabled: false }), step('two')],
      },
      // As exports have it.
      'b.policy-group.json': {
        id: 'h',
        crossId: 'cross',
        steps: [{ policy: 'trace', configuration: '{"label":"text"}' }],
      },
    },
  );
  expect(errors()).toEqual([]);
  expect(await post()).toBe(202);
  expect(trace).toEqual(['request:before', 'request:one', 'request:two', 'request:after', 'publish:text']);
});

test('both conditions must hold, of the step and of the group', async () => {
  const { post, trace } = await gatewayWith(
    {
      request: [group('g', { condition: "{#request.headers['x-run'] != null}" })],
      publish: [group('m', { messageCondition: "{#message.content != 'no'}" })],
    },
    {
      'g.policy-group.json': {
        id: 'g',
        steps: [step('always'), step('sometimes', { condition: "{#request.headers['x-more'] != null}" })],
      },
      'm.policy-group.json': {
        id: 'm',
        steps: [step('message', { messageCondition: "{#message.content != 'nor this'}" })],
      },
    },
  );
  await post('no', {});
  expect(trace).toEqual([]);
  await post('nor this', { 'x-run': '1' });
  await post('yes', { 'x-run': '1', 'x-more': '1' });
  expect(trace).toEqual(['request:always', 'request:always', 'request:sometimes', 'publish:message']);
});

test.each([
  [
    'a group there is not',
    group('g2'),
    { id: 'g1', steps: [] },
    'no file *.policy-group.json has the group "g2"; did you mean "g1"?',
  ],
  ['no id', group(undefined), { id: 'g1', steps: [] }, 'the id of a shared policy group must stand here'],
  [
    'another phase',
    group('g1'),
    { id: 'g1', phase: 'subscribe', steps: [] },
    'the group "g1" is for the phase subscribe, and stands in request',
  ],
  [
    'a group in a group',
    group('g1'),
    { id: 'g1', steps: [group('g1')] },
    'the group "g1" names another group',
  ],
  [
    'a step that is not valid',
    group('g1'),
    { id: 'g1', steps: [step('a'), { policy: 'trase' }] },
    'in the group "g1", $.steps[1].policy: no policy plugin "trase" is installed; did you mean "trace"?',
  ],
  ['a group that is no group', group('g1'), { id: 'g1' }, 'the member "steps" is missing'],
])('%s keeps the definition from being deployed, with the place', async (_, named, file, message) => {
  const { post, errors } = await gatewayWith({ request: [named] }, { 'g.policy-group.json': file });
  expect(errors().join('\n')).toContain(message);
  expect(errors().join('\n')).toMatch(/\$\.flows\[0\]\.request\[0\]\.configuration/);
  expect(await post()).toBe(404);
});

test.each([
  ['REQUEST', 'request'],
  ['MESSAGE_REQUEST', 'publish'],
  ['message-request', 'publish'],
  ['MESSAGE_RESPONSE', 'subscribe'],
  ['PUBLISH', 'publish'],
])('a group as a gateway has it, for the phase %s, stands in %s', async (phase, place) => {
  const { errors } = await gatewayWith(
    { [place]: [group('g')] },
    {
      'a.policy-group.json': { id: 'g', name: 'G', environmentId: 'DEFAULT', phase, policies: [step('one')] },
    },
  );
  expect(errors()).toEqual([]);
  const other = await gatewayWith(
    { response: [group('g')] },
    { 'a.policy-group.json': { id: 'g', phase, policies: [step('one')] } },
  );
  expect(other.errors()).toEqual([
    expect.stringContaining(`is for the phase ${place}, and stands in response`),
  ]);
});
