import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readBootstrapServers } from '../../plugins/endpoint-kafka/src/bootstrap-servers.js';
import kafka from '../../plugins/endpoint-kafka/src/index.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

const definition = (bootstrapServers: string, security: object = {}) => {
  const sharedConfigurationOverride = { security, producer: { enabled: true, topics: ['t'] } };
  const endpoint = {
    name: 'e',
    type: 'kafka',
    configuration: { bootstrapServers },
    sharedConfigurationOverride,
  };
  return {
    ...apiDefinition(),
    listeners: [{ type: 'http', paths: [{ path: '/test' }], entrypoints: [{ type: 'http-post' }] }],
    endpointGroups: [{ name: 'g', type: 'kafka', endpoints: [endpoint] }],
  };
};
const plugins = [kafka].flat().filter(({ kind }) => kind === 'endpoint');
const deployed = async (bootstrapServers: string, security?: object) => {
  const { problems, gateway } = await startTestGateway({
    plugins,
    apis: [definition(bootstrapServers, security)],
  });
  const told = problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
  return { told, served: gateway.apis.length };
};
const PLACE = '$.endpointGroups[0].endpoints[0].configuration.bootstrapServers';

describe('a list of brokers is read as Kafka reads it', () => {
  test.each([
    ['kafka:9092', 'kafka:9092'],
    [' a:1 , b.example:65535,', 'a:1,b.example:65535'],
    ['kafka', 'kafka:9092'],
    ['127.0.0.1:9092', '127.0.0.1:9092'],
    ['[::1]:9092', '[::1]:9092'],
    ['[2001:db8::1]', '[2001:db8::1]:9092'],
    ['::1:9092', '[::1]:9092'],
    ['2001:db8:0:0:0:0:0:1', '[2001:db8:0:0:0:0:0:1]:9092'],
    ['PLAINTEXT://kafka:9092', 'kafka:9092'],
    ['http://kafka:9092/', 'kafka:9092'],
    ['SASL_SSL://[::1]:9093,kafka_2:9094', '[::1]:9093,kafka_2:9094'],
  ])('%s is %s', (text, servers) => {
    expect(readBootstrapServers(text)).toMatchObject({ servers, problems: [] });
  });

  test.each([
    '',
    ' , ',
    'a b:9092',
    'kafka:0',
    'kafka:65536',
    'kafka:port',
    '[::1:9092',
    'kafka:9092/topic',
    '[x]:1',
    ':9092',
  ])('%j is refused in words, with its place', async (text) => {
    const { told, served } = await deployed(text);
    expect(served).toBe(0);
    expect(told[0]).toContain(`error ${PLACE}`);
    expect(told.join()).not.toMatch(/\\s|\(\?|\[\^/);
  });

  test('a scheme that is not that of security.protocol is warned of', async () => {
    expect(await deployed('PLAINTEXT://127.0.0.1:1')).toEqual({ told: [], served: 1 });
    expect(await deployed('http://127.0.0.1:1')).toEqual({
      told: [`warning ${PLACE}: http:// is not looked at: security.protocol decides, and is PLAINTEXT`],
      served: 1,
    });
  });

  test.each(['[::1]', 'PLAINTEXT://[::1]', '::1'])('%s is connected to', async (host) => {
    const broker = createServer((socket) => socket.destroy());
    onTestFinished(() => void broker.close());
    broker.listen(0, '::1');
    await once(broker, 'listening');
    const connected = once(broker, 'connection');
    const { port } = broker.address() as AddressInfo;
    const { url } = await startTestGateway({ plugins, apis: [definition(`${host}:${port}`)] });
    // The gateway stops while it waits for the broker.
    void fetch(`${url}/test`, { method: 'POST', body: 'x' }).catch(() => undefined);
    await connected;
  });
});

test.each([
  ['gravitee.attribute.kafka.oauthbearer.token', []],
  ['kafka.recordKey', []],
  ['gravitee.attribute.kafka.recordkey', [/did you mean "kafka\.recordKey"/]],
])('an expression may name what the endpoint reads: %s', async (name, expected) => {
  const api = definition('127.0.0.1:1', {});
  const selectors = [{ type: 'condition', condition: `{#context.attributes['${name}'] != null}` }];
  const { problems } = await startTestGateway({ plugins, apis: [{ ...api, flows: [{ selectors }] }] });
  expect(problems.map(({ message }) => message)).toEqual(
    expected.map((message) => expect.stringMatching(message)),
  );
});
