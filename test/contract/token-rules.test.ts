import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { planGateway } from '../support/plans.js';

const SECRET = 'a secret of at least thirty-two bytes';
const jwtPlan = (rest: object = {}) => ({
  id: 'gold',
  security: { type: 'jwt', configuration: { signature: 'HMAC_HS256', resolverParameter: SECRET } },
  ...rest,
});
const token = (claims: object) =>
  new SignJWT({ sub: 'ada', ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET));

/** The status that a client with these claims gets where this is the only plan's rule. */
async function statusOf(selectionRule: string, claims: object): Promise<number> {
  const { post } = await planGateway([jwtPlan({ selectionRule })]);
  return (await post({ authorization: `Bearer ${await token(claims)}` })).status;
}

describe('a selection rule on the claims of a token', () => {
  const isAda = "#context.attributes['jwt'].role == 'admin'";
  const isNoGuest = "#context.attributes['jwt'].role != 'guest'";
  test.each([
    [isAda, { role: 'admin' }, 202],
    [isAda, { role: 'guest' }, 401],
    [isAda, {}, 401],
    [isNoGuest, { role: 'admin' }, 202],
    [isNoGuest, { role: 'guest' }, 401],
    [isNoGuest, {}, 401],
    // As the format's own console writes it.
    ["#context.attributes['jwt'].claims['role'] == 'admin'", { role: 'admin' }, 202],
    ["{#context.attributes['jwt'].claims['role'] != 'guest'}", { role: 'guest' }, 401],
    ["{#context.attributes['jwt']['claims'].scope.contains('write')}", { scope: 'read write' }, 202],
    ["!#context.attributes['jwt'].scope.contains('write')", {}, 401],
  ])('%s with %j is answered %i', async (rule, claims, status) => {
    expect(await statusOf(rule, claims)).toBe(status);
  });

  test.each([
    ["#context.attributes['jwt'].role == null", {}, 202],
    ["#context.attributes['jwt'].role != null", {}, 401],
    ["!(#context.attributes['jwt'].role == 'guest')", {}, 401],
    ["!(#context.attributes['jwt'].level < 3)", {}, 401],
    ["#context.attributes['jwt'].a == 'x' || #context.attributes['jwt'].b == 'y'", { b: 'y' }, 202],
    ["#context.attributes['jwt'].a != 'x' && #context.attributes['jwt'].b == 'y'", { b: 'y' }, 401],
    ["(#context.attributes['jwt'].role ?: 'none') != 'guest'", {}, 202],
    ["#context.attributes['jwt'].level + 1 != 3", {}, 401],
    ["{(context.attributes.jwt.role != 'guest')}", {}, 401],
    ["{($lowercase(context.attributes.jwt.role) != 'guest')}", {}, 401],
    ["{($lowercase(context.attributes.jwt.role) != 'guest')}", { role: 'Ops' }, 202],
  ])('%s with %j: what is null is not compared (%i)', async (rule, claims, status) => {
    expect(await statusOf(rule, claims)).toBe(status);
  });

  test.each([
    ["{#context.attributes['jwt'].a == 'x'} && {#context.attributes['jwt'].b == 'y'}", /one expression/],
    ["{('a' + (#context.attributes['jwt'].role != 'guest')) == 'atrue'}", /must not be part of a value/],
  ])('%s is refused when deployed', async (selectionRule, reason) => {
    const { log, post } = await planGateway([jwtPlan({ selectionRule })]);
    expect((await post()).status).toBe(404);
    const [problem] = log.lines.filter(({ level }) => level === 'error');
    expect(problem?.message).toMatch(reason);
    expect(problem?.message).toContain('$.plans[0].selectionRule');
  });

  test('flows read the claims too', async () => {
    const step = {
      policy: 'trace',
      condition: "{#context.attributes['jwt'].role == 'admin'}",
      configuration: { label: 'admin' },
    };
    const { post, trace } = await planGateway([jwtPlan()], { api: { flows: [{ request: [step] }] } });
    await post({ authorization: `Bearer ${await token({ role: 'admin' })}` });
    await post({ authorization: `Bearer ${await token({ role: 'guest' })}` });
    expect(trace).toEqual(['request:admin']);
  });

  test('the claims of a plan that did not take the request are gone', async () => {
    const open = { id: 'open', selectionRule: "#context.attributes['jwt'] == null" };
    const never = jwtPlan({ selectionRule: "#context.attributes['jwt'].role == 'admin'" });
    const { post } = await planGateway([never, { ...open, security: { type: 'key-less' } }]);
    expect((await post({ authorization: `Bearer ${await token({ role: 'guest' })}` })).status).toBe(202);
  });
});
