import { expect, test } from 'vitest';
import interrupt from '../../plugins/policy-interrupt/src/index.js';
import { apiDefinition, startTestGateway } from '../support/gateway.js';

/** Requests of more than 10 are refused: who sends what cannot be compared must not get by. */
const guard = {
  name: 'guard',
  selectors: [{ type: 'CONDITION', condition: "{#request.headers['X-Size'][0] > 10}" }],
  request: [{ policy: 'interrupt', configuration: { errorKey: 'TOO_BIG' } }],
};

async function answers(flowExecution: object) {
  const api = { ...apiDefinition(), flows: [guard], flowExecution };
  const gateway = await startTestGateway({ plugins: [interrupt], apis: [api] });
  expect(gateway.problems).toEqual([]);
  const statusOf = async (size: string) =>
    (await fetch(`${gateway.url}/test`, { method: 'POST', body: 'x', headers: { 'x-size': size } })).status;
  const statuses = [await statusOf('5'), await statusOf('50'), await statusOf('abc')];
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  const counted = /^sluice_flow_conditions_failed_total\{sluice_api="test"\} (\d+)$/m.exec(metrics)?.[1];
  const warnings = gateway.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  return { statuses, counted, warnings };
}

test('a guard whose condition cannot be evaluated ends the exchange', async () => {
  const { statuses, counted, warnings } = await answers({});
  expect(statuses.slice(0, 2)).toEqual([202, 500]);
  expect(statuses[2]).not.toBe(202);
  expect(counted).toBe('1');
  expect(warnings).toContain('the condition of a flow cannot be evaluated');
});

test('the format’s way is an option: the flow is left out', async () => {
  const { statuses, counted } = await answers({ onConditionFailure: 'skip' });
  expect(statuses).toEqual([202, 500, 202]);
  expect(counted).toBe('1');
});
