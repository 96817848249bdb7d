import assert from 'node:assert/strict';
import { SluiceError } from '../../contract/errors.js';
import { type ConformanceCase, caseUnless } from '../conformance-case.js';
import type { EntrypointHarness } from '../entrypoint-harness.js';
import { faultyEndpoint } from '../faulty-endpoint.js';
import { pause, within } from '../wait.js';
import { handle } from './serve.js';

const BODY = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** What an entrypoint that publishes makes of a body, and of what becomes of it. */
export function publishingCases(harness: EntrypointHarness): readonly ConformanceCase[] {
  const { plugin } = harness;
  const publishes = plugin.modes.includes('publish') && !plugin.modes.includes('subscribe');
  const unless = !publishes && 'it does not publish request bodies';
  const qos = plugin.qos[0] ?? 'none';
  const answer = (endpoint: ReturnType<typeof faultyEndpoint>, body: Buffer | Error = BODY) =>
    within(handle(harness, endpoint, { qos, body }), harness.patienceMs ?? 5000, 'the answer');
  return [
    caseUnless(unless, 'the body arrives byte for byte, as one message, and the answer says so', async () => {
      const endpoint = faultyEndpoint([]);
      const { status } = await answer(endpoint);
      assert.ok(status >= 200 && status < 300, `the answer is ${status}`);
      assert.deepEqual(
        endpoint.offered.map(({ content }) => content),
        [BODY],
      );
    }),
    caseUnless(unless, 'a message that is refused is answered with the error of its refusal', async () => {
      const error = new SluiceError('MESSAGE_TOO_LARGE');
      const endpoint = faultyEndpoint([], { refusePublish: () => error });
      await assert.rejects(answer(endpoint), error);
    }),
    caseUnless(unless, 'an endpoint that throws is answered with that error', async () => {
      const error = new SluiceError('ENDPOINT_UNAVAILABLE');
      const endpoint = faultyEndpoint([]);
      endpoint.publish = () => Promise.reject(error);
      await assert.rejects(answer(endpoint), error);
    }),
    caseUnless(
      unless,
      'a body that cannot be read is answered with its error, and nothing is published',
      async () => {
        const error = new SluiceError('PAYLOAD_TOO_LARGE');
        const endpoint = faultyEndpoint([]);
        await assert.rejects(answer(endpoint, error), error);
        assert.deepEqual(endpoint.offered, []);
      },
    ),
    caseUnless(unless, 'nothing is answered before the endpoint has the message', async () => {
      const endpoint = faultyEndpoint([], { hangPublish: () => true });
      let answered = false;
      const waiting = answer(endpoint).finally(() => {
        answered = true;
      });
      await pause(20);
      assert.equal(answered, false);
      assert.equal(endpoint.hanging, 1);
      endpoint.release();
      await waiting;
    }),
  ];
}
