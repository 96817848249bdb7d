import type { AwsMskIamConfig } from './config.js';
import type { AccessToken } from './token-source.js';

/** `b-1.name.xyz.c2.kafka.eu-west-1.amazonaws.com:9098`, and the serverless and Chinese forms. */
const REGION = /\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com/;

/** The region of the cluster: the given one, else that in the bootstrap servers; undefined when neither says. */
export function awsRegion({ region }: AwsMskIamConfig, bootstrapServers: string): string | undefined {
  return region ?? REGION.exec(bootstrapServers)?.[1];
}

/**
 * A token that the IAM authorizer of Amazon MSK takes: signed here, valid for 15 minutes. The AWS SDK is loaded only
 * when a cluster needs it. Rejects when no credentials are found or the role cannot be assumed.
 */
export async function awsToken(config: AwsMskIamConfig, region: string): Promise<AccessToken> {
  const signer = await import('aws-msk-iam-sasl-signer-js');
  const { profile, roleArn, accessKeyId, secretAccessKey, sessionToken } = config;
  const key =
    accessKeyId === undefined || secretAccessKey === undefined
      ? undefined
      : { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const { token, expiryTime } = await (async () => {
    if (roleArn !== undefined) {
      const awsCredentialsProvider = await roleProvider(config, roleArn, region, key);
      return await signer.generateAuthTokenFromCredentialsProvider({ region, awsCredentialsProvider });
    }
    if (key !== undefined) {
      const awsCredentialsProvider = async () => key;
      return await signer.generateAuthTokenFromCredentialsProvider({ region, awsCredentialsProvider });
    }
    if (profile !== undefined)
      return await signer.generateAuthTokenFromProfile({ region, awsProfileName: profile });
    return await signer.generateAuthToken({ region });
  })();
  return { token, expiresAt: expiryTime };
}

interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

async function roleProvider(
  { profile, roleSessionName = 'sluice', roleExternalId }: AwsMskIamConfig,
  roleArn: string,
  region: string,
  key: AccessKey | undefined,
) {
  const { fromIni, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const masterCredentials = key ?? (profile === undefined ? undefined : fromIni({ profile }));
  return fromTemporaryCredentials({
    ...(masterCredentials === undefined ? {} : { masterCredentials }),
    params: {
      RoleArn: roleArn,
      RoleSessionName: roleSessionName,
      ...(roleExternalId === undefined ? {} : { ExternalId: roleExternalId }),
    },
    clientConfig: { region },
  });
}
