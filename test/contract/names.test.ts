import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import assignAttributes from '../../plugins/policy-assign-attributes/src/index.js';
import transformHeaders from '../../plugins/policy-transform-headers/src/index.js';
import apiKey from '../../plugins/security-api-key/src/index.js';
import jwt from '../../plugins/security-jwt/src/index.js';
import { folderWith } from '../support/cli.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

const plugins = [assignAttributes, transformHeaders, apiKey, jwt];
const header = (value: string) => ({
  policy: 'transform-headers',
  configuration: { addHeaders: [{ name: 'x-value', value }] },
});

/** What deploying an API with these members finds, without the words that say where. */
async function problemsOf(members: object): Promise<readonly string[]> {
  const { problems } = await startTestGateway({ apis: [{ ...apiDefinition(), ...members }], plugins });
  return problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}

describe('what expressions name has a value', () => {
  test.each([
    ["{#api.metadata['owner']}", 'team-a'],
    ["{#api.metadata['level']}", 'low'],
    ['{#node.id}', hostname()],
    ['{#node.version}', expect.stringMatching(/^\d/)],
    ["{#api.properties['region']}", 'eu'],
    ["{#properties['region']}", 'eu'],
    ['{#api.version}', '1.2'],
  ])('%s is %s', async (value, expected) => {
    const api = {
      ...apiDefinition(),
      apiVersion: '1.2',
      metadata: [
        { key: 'owner', value: 'team-a' },
        { key: 'level', value: '', defaultValue: 'low' },
      ],
      properties: [{ key: 'region', value: 'eu' }],
      flows: [{ response: [header(value)] }],
    };
    const { url, problems } = await startTestGateway({ apis: [api], plugins });
    expect(problems).toEqual([]);
    const answer = await fetch(`${url}/test`, { method: 'POST', body: 'x' });
    expect(answer.headers.get('x-value')).toEqual(expected);
  });

  test('the tags of the gateway are those of its node', async () => {
    const api = { ...apiDefinition(), tags: ['eu'], flows: [{ response: [header('{#node.shardingTags}')] }] };
    const folder = await folderWith({ 'a.api.json': api });
    const { url } = await startTestGateway({ folder, tags: ['eu'], plugins });
    const answer = await fetch(`${url}/test`, { method: 'POST', body: 'x' });
    expect(answer.headers.get('x-value')).toBe('eu');
  });
});

describe('what an expression names and is not there', () => {
  const at = '$.flows[0].response[0].configuration.addHeaders[0].value';
  test.each([
    [
      "{#secrets.get('/vault/app:key')}",
      `error ${at}: there is no provider of secrets "vault"; there is env`,
    ],
    ["{#secrets.get('/file/app:key')}", `error ${at}: there is no provider of secrets "file"; there is env`],
    [
      "{#secrets.get('vault')}",
      `error ${at}: a reference to a secret is /provider/path or /provider/path:key`,
    ],
    [
      "{#context.attributes['clientIdentifer']}",
      `error ${at}: there is no attribute "clientIdentifer"; did you mean "clientIdentifier"?`,
    ],
    [
      "{#context.attributes['gravitee.attribute.colour']}",
      `error ${at}: there is no attribute "gravitee.attribute.colour", and no step of this API sets it`,
    ],
    [
      "{#context.attributes['jwt'].role}",
      `warning ${at}: no plan of this API has the security "jwt", which alone sets the attribute "jwt": it is null here`,
    ],
    [
      "{#context.attributes['organization']}",
      `warning ${at}: nothing here sets the attribute "organization": it is always null`,
    ],
    [
      "{#dictionaries['countries']['fr']}",
      `warning ${at}: dictionaries is always null: there are no dictionaries; write the value as one of the properties of the API`,
    ],
    ['{#node.zone}', `warning ${at}: node.zone is always null: a gateway has no zone`],
    [
      "{#properties['regoin']}",
      `warning ${at}: the API does not have a property "regoin"; did you mean "region"?`,
    ],
    ["{#api.metadata['owner']}", `warning ${at}: the API does not have metadata "owner"`],
    [
      "{#endpoints['test']}",
      `warning ${at}: the API does not have an endpoint "test"; known are test-endpoint`,
    ],
    [
      '{#message.id}',
      `warning ${at}: there is no message here: this is evaluated once for the whole exchange`,
    ],
    ['{#error.key}', `warning ${at}: "error" has a value in response templates only`],
    ['{(dictionaries.countries.fr)}', expect.stringContaining('dictionaries is always null')],
  ])('%s is said', async (value, expected) => {
    const properties = [{ key: 'region', value: 'eu' }];
    expect(await problemsOf({ properties, flows: [{ response: [header(value)] }] })).toEqual([expected]);
  });

  test('an attribute that a step sets may be named by any other', async () => {
    const assign = {
      policy: 'policy-assign-attributes',
      configuration: { attributes: [{ name: 'gravitee.attribute.colour', value: 'blue' }] },
    };
    const flows = [{ request: [assign], response: [header("{#context.attributes['colour']}")] }];
    expect(await problemsOf({ flows })).toEqual([]);
  });

  test.each([
    [
      "#context.attributes['colour'] != 'blue'",
      /a rule is evaluated before any flow: there is no attribute "colour"/,
    ],
    ["#message.content != 'x'", /there is no message here/],
    ['#response.status != 500', /no response yet/],
    ["#dictionaries['a']['b'] != 'x'", /dictionaries is always null/],
    ["#error.key != 'x'", /response templates only/],
  ])('%s in a rule of access is refused', async (selectionRule, reason) => {
    const plans = [{ id: 'p', security: { type: 'key-less' }, selectionRule }];
    const [first, ...rest] = await problemsOf({ plans });
    expect(first).toMatch(reason);
    expect(first).toMatch(/^error \$\.plans\[0\]\.selectionRule/);
    expect(rest).toEqual([]);
  });

  test('is nobody’s business where it is switched off', async () => {
    const wrong = header("{#secrets.get('/vault/app:key')}");
    expect(
      await problemsOf({
        flows: [{ enabled: false, request: [wrong] }, { request: [{ ...wrong, enabled: false }] }],
        plans: [
          { id: 'old', status: 'CLOSED', selectionRule: '#message.content', security: { type: 'key-less' } },
          { id: 'open', security: { type: 'key-less' } },
        ],
      }),
    ).toEqual([]);
  });

  test('is told of a shared policy group, where the definition names it', async () => {
    const folder = await folderWith({
      'a.api.json': {
        ...apiDefinition(),
        flows: [
          {
            request: [{ policy: 'shared-policy-group-policy', configuration: { sharedPolicyGroupId: 'g' } }],
          },
        ],
      },
      'g.policy-group.json': { id: 'g', steps: [header("{#secrets.get('/vault/app:key')}")] },
    });
    const { log, gateway } = await startTestGateway({ folder, plugins });
    const [problem] = log.lines.filter(({ level }) => level === 'error');
    expect(problem?.message).toMatch(
      /\$\.flows\[0\]\.request\[0\]\.configuration\.sharedPolicyGroupId .*in the group "g", \$\.steps\[0\].*vault/,
    );
    expect(gateway.apis).toEqual([]);
  });
});

describe('what stands where it has no effect', () => {
  const free = { id: 'free', security: { type: 'key-less' } };
  test.each([
    [
      {
        flows: [
          {
            selectors: [
              { type: 'channel', channel: '/a' },
              { type: 'channel', channel: '/b' },
            ],
          },
        ],
      },
      'warning $.flows[0].selectors[1]: it has no effect: a selector of type channel precedes it',
    ],
    [
      { flows: [{ selectors: [{ type: 'mcp' }] }] },
      'warning $.flows[0].selectors[0].type: it has no effect: an mcp selector selects everything',
    ],
    [{ plans: [free, free] }, 'error $.plans[1].id: another plan has the id "free"'],
    [
      { plans: [free, { id: 'push', mode: 'push', selectionRule: '#request.id != null' }] },
      expect.stringMatching(/^warning \$\.plans\[1\]\.selectionRule: it has no effect/),
    ],
  ])('%j', async (members, expected) => {
    expect(await problemsOf(members)).toEqual([expected]);
  });
});
