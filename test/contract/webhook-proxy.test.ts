import { MemoryEndpoint, numberedMessages, until } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { makeCertificates } from '../support/certificates.js';
import { endpointPlugin, startTestGateway } from '../support/gateway.js';
import { webhook } from '../support/plugins.js';
import { httpProxy, socksProxy } from '../support/proxies.js';
import { admin, pushApi, subscription } from '../support/push-api.js';
import { bodies, webhookSink } from '../support/webhook-sink.js';

const ALL = '/apis/push/subscriptions';

async function through(proxy: object, callbackUrl: string, more: object = {}) {
  const gateway = await startTestGateway({
    plugins: [webhook, endpointPlugin(new MemoryEndpoint({ messages: numberedMessages(3) }))],
    allowTargets: ['127.0.0.1'],
    apis: [
      {
        ...pushApi({ webhook: { proxy: { enabled: true, ...proxy } } }),
        properties: [
          { key: 'proxy', value: '127.0.0.1' },
          { key: 'password', value: 'pass' },
        ],
      },
    ],
  });
  expect(gateway.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { body } = await admin(gateway, 'POST', ALL, subscription(callbackUrl, more));
  return { gateway, id: body.id as string };
}

test('callbacks go through an HTTP proxy, whose host and credentials may be expressions', async () => {
  const proxy = await httpProxy(true);
  const sink = await webhookSink();
  const password = "{#api.properties['password']}";
  const host = "{#api.properties['proxy']}";
  await through({ type: 'HTTP', host, port: proxy.port, username: 'user', password }, sink.url);
  await until(() => sink.calls.length === 3, 5000, 'every message');
  expect(bodies(sink)).toEqual(['0', '1', '2']);
  const credentials = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  expect(new Set(proxy.asked)).toEqual(new Set([`127.0.0.1:${sink.port} ${credentials}`]));
});

test.each(['HTTP', 'SOCKS5'] as const)('TLS goes through a %s proxy, verified end to end', async (type) => {
  const certificates = await makeCertificates();
  const proxy = type === 'HTTP' ? await httpProxy() : await socksProxy();
  const sink = await webhookSink(() => 200, { cert: certificates.serverCert, key: certificates.serverKey });
  const ssl = { trustStore: { type: 'PEM', content: certificates.ca } };
  await through({ type, host: '127.0.0.1', port: proxy.port }, sink.url, { ssl });
  await until(() => sink.calls.length === 3, 5000, 'every message');
  expect(new Set(proxy.asked)).toEqual(new Set([`127.0.0.1:${sink.port}`]));
});

test('a proxy that refuses fails the call, and tells no password', async () => {
  const proxy = await httpProxy(true);
  const settings = {
    type: 'HTTP',
    host: '127.0.0.1',
    port: proxy.port,
    username: 'user',
    password: 'hidden',
  };
  const { gateway, id } = await through(settings, 'http://127.0.0.1:9/', {
    retry: { retryOption: 'No Retry' },
  });
  let found = (await admin(gateway, 'GET', `${ALL}/${id}`)).body;
  const deadline = performance.now() + 5000;
  while (found.consumerStatus !== 'FAILURE' && performance.now() < deadline) {
    found = (await admin(gateway, 'GET', `${ALL}/${id}`)).body;
  }
  expect(found.failureCause).toContain('could not be called (ERR_PROXY)');
  expect(JSON.stringify([found, gateway.log.lines])).not.toContain('hidden');
});

test('a proxy without a host, and an expression elsewhere, are refused when deployed', async () => {
  const gateway = await startTestGateway({
    plugins: [webhook, endpointPlugin(new MemoryEndpoint())],
    apis: [
      pushApi({ id: 'a', webhook: { proxy: { enabled: true } } }),
      pushApi({ id: 'b', webhook: { proxy: { host: '{#broken(' } } }),
      pushApi({ id: 'c', webhook: { proxy: { useSystemProxy: true } } }),
    ],
  });
  const errors = gateway.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
  expect(errors[0]).toBe('proxy: an enabled proxy needs host and port');
  expect(errors).toHaveLength(3);
  expect(gateway.gateway.apis).toEqual([]);
});
