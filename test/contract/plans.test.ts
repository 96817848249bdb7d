import { loadDefinition } from '@sluice/core/gateway';
import { describe, expect, test } from 'vitest';
import { apiDefinition, startTestGateway } from '../support/gateway.js';
import { answerOf, planGateway, sha256 } from '../support/plans.js';

const step = (label: string) => ({ policy: 'trace', configuration: { label } });
const keyed = (id: string, rest: object = {}) => ({ id, security: { type: 'API_KEY' }, ...rest });
const open = { id: 'open', security: { type: 'KEY_LESS' } };
const keys = [
  { plan: 'gold', keys: [{ id: 'shop', sha256: sha256('k-gold') }] },
  { plan: 'free', keys: [{ id: 'blog', sha256: sha256('k-free') }] },
];

describe('several plans', () => {
  const plans = [
    keyed('gold', { flows: [{ request: [step('gold')] }] }),
    open,
    keyed('free', { flows: [{ request: [step('free')] }] }),
  ];

  test.each([
    [
      'the plan whose credential it is',
      { 'x-gravitee-api-key': 'k-gold' },
      [202],
      ['request:gold', 'request:api'],
    ],
    [
      'a later one, when it is that one’s',
      { 'x-gravitee-api-key': 'k-free' },
      [202],
      ['request:free', 'request:api'],
    ],
    ['the key-less one, without a credential', {}, [202], ['request:api']],
    [
      'none, with a credential that is not good',
      { 'x-gravitee-api-key': 'wrong' },
      [401, 'API_KEY_INVALID', 'ApiKey realm="orders"'],
      [],
    ],
  ])('a request is taken by %s, and its flows run before the API’s', async (_, headers, expected, flows) => {
    const gateway = await planGateway(plans, { keys, api: { flows: [{ request: [step('api')] }] } });
    const answer = await answerOf(await gateway.post(headers));
    expect(answer.slice(0, expected.length)).toEqual(expected);
    expect(gateway.trace).toEqual(flows);
  });

  test('a step of the API counts for all plans together: it is made once', async () => {
    const gateway = await planGateway([keyed('gold'), keyed('free')], {
      keys,
      api: { flows: [{ request: [step('api')] }] },
    });
    await gateway.post({ 'x-gravitee-api-key': 'k-gold' });
    await gateway.post({ 'x-gravitee-api-key': 'k-free' });
    expect(gateway.trace).toEqual(['request:api', 'request:api']);
  });

  test('a plan that is closed or staging takes nobody', async () => {
    const gateway = await planGateway(
      [keyed('gold', { status: 'CLOSED' }), keyed('free', { status: 'staging' })],
      { keys },
    );
    expect(await answerOf(await gateway.post({ 'x-gravitee-api-key': 'k-gold' }))).toEqual([
      401,
      'GATEWAY_PLAN_UNRESOLVABLE',
      null,
    ]);
    expect(gateway.log.lines.map(({ message }) => message).join()).toContain(
      'no plan of mode "standard" is published',
    );
  });
});

describe('a selection rule', () => {
  test.each(["{#request.headers['x-tier'][0] == 'gold'}", "#request.headers['x-tier'][0] == 'gold'"])(
    'decides, written as %s',
    async (selectionRule) => {
      const gateway = await planGateway([keyed('gold', { selectionRule })], { keys });
      const key = { 'x-gravitee-api-key': 'k-gold' };
      expect((await gateway.post({ ...key, 'x-tier': 'gold' })).status).toBe(202);
      expect((await answerOf(await gateway.post({ ...key, 'x-tier': 'tin' })))[0]).toBe(401);
      expect((await answerOf(await gateway.post(key)))[0]).toBe(401);
    },
  );

  test('that cannot be read is refused when deploying', async () => {
    const gateway = await startTestGateway({
      apis: [{ ...apiDefinition(), plans: [{ ...open, selectionRule: '{#request.nope}' }] }],
    });
    expect(gateway.problems).toEqual([
      expect.objectContaining({ severity: 'error', path: '$.plans[0].selectionRule' }),
    ]);
  });
});

describe('the rights of a plan', () => {
  const plans = [keyed('gold', { operations: ['subscribe'] }), keyed('free', { operations: ['PUBLISH'] })];

  test('to publish and to subscribe are apart', async () => {
    const gateway = await planGateway(plans, { keys });
    const gold = { 'x-gravitee-api-key': 'k-gold' };
    const free = { 'x-gravitee-api-key': 'k-free' };
    expect((await answerOf(await gateway.post(gold))).slice(0, 2)).toEqual([403, 'OPERATION_FORBIDDEN']);
    expect((await gateway.post(free)).status).toBe(202);
    const stream = (headers: Record<string, string>) =>
      fetch(gateway.url, { headers: { accept: 'text/event-stream, */*', ...headers } });
    expect((await answerOf(await stream(free))).slice(0, 2)).toEqual([403, 'OPERATION_FORBIDDEN']);
    const allowed = await stream(gold);
    expect(allowed.status).toBe(200);
    await allowed.body?.cancel();
    expect(gateway.published).toHaveLength(1);
  });

  test('misspelt are an error, since a plan would be open that must not be', async () => {
    const gateway = await startTestGateway({
      apis: [{ ...apiDefinition(), plans: [{ ...open, operation: ['subscribe'] }] }],
    });
    expect(gateway.problems).toEqual([
      expect.objectContaining({
        severity: 'error',
        message: 'unknown member "operation"; did you mean "operations"?',
      }),
    ]);
  });
});

describe('a plan whose security is not installed', () => {
  const other = { id: 'partners', security: { type: 'OAUTH2', configuration: { oauthResource: 'x' } } };
  const reason = 'The plan "partners" takes nobody: its security "oauth2" is not installed in this gateway';

  test('refuses with its reason, and the others work', async () => {
    const gateway = await planGateway([other, keyed('gold')], { keys });
    expect((await gateway.post({ 'x-gravitee-api-key': 'k-gold' })).status).toBe(202);
    expect(await answerOf(await gateway.post())).toEqual([
      401,
      'GATEWAY_PLAN_UNRESOLVABLE',
      'ApiKey realm="orders"',
    ]);
    const refused = await gateway.post({ authorization: 'Bearer abc' });
    expect([refused.status, await refused.json()]).toMatchObject([401, { message: reason }]);
    const warnings = gateway.log.lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message }) => message).join('\n')).toMatch(
      /\$\.plans\[0\]\.security\.type .*"oauth2" is installed.*takes nobody/,
    );
  });

  test('leaves clients without a credential to the plan for everybody', async () => {
    const gateway = await planGateway([other, open]);
    expect((await gateway.post()).status).toBe(202);
    expect((await gateway.post({ authorization: 'Bearer abc' })).status).toBe(401);
  });

  test.each([
    ['alone', [other], false],
    ['with strict', [other, open], true],
  ])('%s keeps the API from being served', async (_, plans, strict) => {
    const gateway = await startTestGateway();
    const definition = { ...apiDefinition({ id: 'a' }), plans };
    gateway.gateway.offer({ strict });
    const problems = gateway.gateway.deploy(loadDefinition(JSON.stringify(definition), {}));
    expect(problems.map(({ severity, path }) => [severity, path])).toEqual([
      ['error', '$.plans[0].security.type'],
    ]);
    expect(gateway.gateway.apis).toEqual([]);
  });
});
