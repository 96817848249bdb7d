import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { awsRegion, awsToken } from '../src/security/aws-token.js';

const KEY = { accessKeyId: 'AKIAGATEWAY', secretAccessKey: 'gateway-secret' };

/** What a signed token says: it is a URL in base64url. */
function signedBy(token: string) {
  const url = new URL(Buffer.from(token, 'base64url').toString());
  const [accessKey, , region, service] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  return {
    host: url.hostname,
    action: url.searchParams.get('Action'),
    session: url.searchParams.get('X-Amz-Security-Token'),
    accessKey,
    region,
    service,
  };
}

/** Amazon's token service, as far as a role is assumed there; what it is asked for. */
async function startTokenService(): Promise<URLSearchParams[]> {
  const asked: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    asked.push(form);
    form.set('signed-by', /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
      <AssumedRoleUser><AssumedRoleId>id:s</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
      <Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>
      <SessionToken>role-session</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration>
      </Credentials></AssumeRoleResult></AssumeRoleResponse>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return asked;
}

describe('tokens for Amazon MSK', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('are signed with the key and session that are given, for the region of the cluster', async () => {
    const region = awsRegion({}, 'b-1.demo.abc.c2.kafka.eu-west-1.amazonaws.com:9098') ?? '';
    const { token, expiresAt } = await awsToken({ ...KEY, sessionToken: 'given-session' }, region);
    expect(signedBy(token)).toEqual({
      host: 'kafka.eu-west-1.amazonaws.com',
      action: 'kafka-cluster:Connect',
      session: 'given-session',
      accessKey: KEY.accessKeyId,
      region: 'eu-west-1',
      service: 'kafka-cluster',
    });
    expect((expiresAt ?? 0) - Date.now()).toBeGreaterThan(60_000);
    expect(awsRegion({ region: 'us-east-1' }, 'b-1.demo.abc.c2.kafka.eu-west-1.amazonaws.com')).toBe(
      'us-east-1',
    );
  });

  it('are signed with those of a role that is assumed: its name, session and external id', async () => {
    const asked = await startTokenService();
    const role = {
      roleArn: 'arn:aws:iam::123456789012:role/gateway',
      roleSessionName: 'orders',
      roleExternalId: 'outside',
    };
    const { token } = await awsToken({ ...KEY, ...role }, 'eu-west-1');
    expect(signedBy(token)).toMatchObject({ accessKey: 'ASIAROLE', session: 'role-session' });
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: role.roleArn,
      RoleSessionName: 'orders',
      ExternalId: 'outside',
      'signed-by': KEY.accessKeyId,
    });
  });

  it('are signed with those of a profile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-aws-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'credentials');
    await writeFile(file, '[staging]\naws_access_key_id = AKIASTAGING\naws_secret_access_key = s\n');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
    const { token } = await awsToken({ profile: 'staging' }, 'eu-west-1');
    expect(signedBy(token).accessKey).toBe('AKIASTAGING');
  });
});
