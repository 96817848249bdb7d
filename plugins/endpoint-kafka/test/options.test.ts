import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KAFKA_SHARED_SCHEMA } from '../src/config-schema.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function pathsOf(schema: Schema, prefix = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    member.properties === undefined ? [prefix + name] : pathsOf(member, `${prefix}${name}.`),
  );
}

/** Which test sees each option have its effect from outside: a tool of Kafka, the wire, another server. */
const TESTS = JSON.parse(readFileSync('test/fixtures/kafka-option-tests.json', 'utf8')) as Record<
  string,
  string
>;

describe('the options of the endpoint', () => {
  it('each has a test of its effect', () => {
    expect(Object.keys(TESTS).sort()).toEqual([...pathsOf(KAFKA_SHARED_SCHEMA as Schema)].sort());
  });

  it.each(Object.entries(TESTS))('%s is used in %s', (path, file) => {
    const name = path === 'consumer.topics.pattern' ? 'topics.pattern' : path.split('.').at(-1);
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\b${name?.replaceAll('.', '\\.')}\\b`));
  });
});
