import { type ExecutionContext, type Message, type MessageHeader, SluiceError } from '@sluice/core';
import type { KafkaHeaderRules, KafkaSharedConfig } from './config.js';
import type { Topics } from './topics.js';

/** What a message becomes: one record a topic. */
export interface RecordPlan {
  readonly topics: readonly string[];
  readonly key: Buffer | null;
  /** Null leaves it to the partitioner. */
  readonly partition: number | null;
  /** Milliseconds since the epoch; null means now. */
  readonly timestampMs: number | null;
  readonly headers: readonly MessageHeader[];
}

const ATTRIBUTE = {
  key: 'gravitee.attribute.kafka.recordKey',
  partition: 'gravitee.attribute.kafka.partition',
  timestamp: 'gravitee.attribute.kafka.timestamp',
} as const;
const MAX_PARTITION = 2 ** 31 - 1;

/** Works out what becomes of each message, by the attributes of the message and the exchange, then by the options. */
export class RecordPlanner {
  readonly #fixedKey: Buffer | null;
  readonly #keyHeader: string | undefined;
  readonly #headersOf: (headers: readonly MessageHeader[]) => readonly MessageHeader[];

  constructor(
    private readonly topics: Topics,
    { producer }: KafkaSharedConfig,
  ) {
    this.#fixedKey = producer.key === undefined ? null : Buffer.from(producer.key);
    this.#keyHeader = producer.keyHeader?.toLowerCase();
    this.#headersOf = headerRules(producer.headers);
  }

  /** @throws SluiceError `TOPIC_NOT_ALLOWED`; `FAILURE_CONFIGURATION_INVALID` for an attribute that cannot be used */
  of(ctx: ExecutionContext, message: Message): RecordPlan {
    const attribute = (name: string) =>
      message.attributes === undefined && ctx.attributes.size === 0
        ? undefined
        : (message.attributes?.[name] ?? ctx.attributes.get(name));
    const named = attribute(ATTRIBUTE.key);
    return {
      topics: this.topics.of('producer', ctx, message),
      key: isGiven(named) ? Buffer.from(String(named)) : this.#keyOf(message),
      partition: wholeNumber(ATTRIBUTE.partition, attribute(ATTRIBUTE.partition), MAX_PARTITION),
      timestampMs: wholeNumber(ATTRIBUTE.timestamp, attribute(ATTRIBUTE.timestamp), Number.MAX_SAFE_INTEGER),
      headers: this.#headersOf(message.headers),
    };
  }

  #keyOf({ headers, key }: Message): Buffer | null {
    const name = this.#keyHeader;
    if (name !== undefined) {
      const found = headers.find((header) => header[0].toLowerCase() === name)?.[1];
      if (found !== undefined && found !== null) return found;
    }
    return key ?? this.#fixedKey;
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function wholeNumber(name: string, value: unknown, most: number): number | null {
  if (!isGiven(value)) return null;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= most) return number;
  const cause = new Error(`${name} is not a whole number from 0 to ${most}`);
  throw new SluiceError('FAILURE_CONFIGURATION_INVALID', { status: 400, cause });
}

/** The headers that go on, in their order, repeats kept. Names are compared without case. */
function headerRules(rules: KafkaHeaderRules | undefined) {
  const { allow, deny = [], rename = {} } = rules ?? {};
  if (allow === undefined && deny.length === 0 && Object.keys(rename).length === 0)
    return (headers: readonly MessageHeader[]) => headers;
  const names = new Map(Object.entries(rename).map(([from, to]) => [from.toLowerCase(), to]));
  const goesOn = (name: string) => (allow === undefined || matches(allow, name)) && !matches(deny, name);
  return (headers: readonly MessageHeader[]) =>
    headers
      .filter(([name]) => goesOn(name.toLowerCase()))
      .map(([name, value]): MessageHeader => [names.get(name.toLowerCase()) ?? name, value]);
}

function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
  });
}
