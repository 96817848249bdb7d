import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCli, type CliResult, runCli } from '../support/cli.js';
import { apiDefinition } from '../support/gateway.js';
import { type Check, editorCheck } from '../support/json-schema.js';
import { placeholder } from '../support/placeholder.js';

let printed: CliResult;
let check: Check;

beforeAll(async () => {
  await buildCli();
  printed = await runCli(['schema']);
  check = editorCheck(JSON.parse(printed.stdout) as object);
});

test('sluice schema prints a JSON Schema of draft-07 and exits 0', () => {
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(printed.stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
});

describe('the schema', () => {
  test.each(readdirSync('api-definitions').filter((name) => name.endsWith('.api.json')))(
    'takes %s',
    (name) => {
      expect(check(JSON.parse(readFileSync(`api-definitions/${name}`, 'utf8')))).toEqual([]);
    },
  );

  test('takes a definition of the mock endpoint', () => {
    expect(check(apiDefinition({ qos: 'at-least-once', configuration: { messageInterval: 10 } }))).toEqual(
      [],
    );
  });

  test('takes a placeholder wherever a value may stand, and only a placeholder', () => {
    const withValue = (value: string) =>
      check(apiDefinition({ qos: value, configuration: { messageInterval: value, messageContent: value } }));
    expect(withValue(placeholder('NAME'))).toEqual([]);
    expect(withValue(placeholder('NAME:-none'))).toEqual([]);
    expect(withValue('NAME')).not.toEqual([]);
  });

  test.each([
    [
      'an unknown endpoint',
      apiDefinition({ endpoint: 'mokc' }),
      'must be equal to one of the allowed values',
    ],
    ['an unknown option of a plugin', apiDefinition({ configuration: { interval: 1 } }), '"interval"'],
    ['an option out of its range', apiDefinition({ sse: { heartbeatIntervalInMs: 1 } }), 'must be >= 2000'],
    ['an unknown level', apiDefinition({ qos: 'sometimes' }), 'must be equal to one of the allowed values'],
    ['an unknown member', { ...apiDefinition(), nmae: 'x' }, '"nmae"'],
  ])('underlines %s', (_, definition, message) => {
    expect(check(definition).join('\n')).toContain(message);
  });
});
