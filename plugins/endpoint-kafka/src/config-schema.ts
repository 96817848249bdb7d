import { type ConfigSchema, textOfForm } from '@sluice/core';
import { choice, flag, integer, optionalInteger, section, text, topics } from './schema-parts.js';
import { SECURITY_SCHEMA } from './security/schema.js';

const PATTERN_TEXT =
  'A Java regular expression of topics to read, in place of `topics`: it must match a whole name. Topics that come to match later are read from their first record.';

const headerNames = { type: 'array', items: { type: 'string', minLength: 1 } };

/** JSON Schema of `KafkaConfig`. */
export const KAFKA_SCHEMA: ConfigSchema = section(
  {
    bootstrapServers: {
      type: 'string',
      minLength: 1,
      description:
        'Comma-separated host:port pairs to find the cluster by; an IPv6 address in brackets. A scheme before one is not looked at.',
    },
  },
  { required: ['bootstrapServers'] },
);

/** JSON Schema of `KafkaSharedConfig`. */
export const KAFKA_SHARED_SCHEMA: ConfigSchema = section({
  allowedTopics: {
    type: 'array',
    items: textOfForm(
      '^[A-Za-z0-9._-]{0,249}\\*?$',
      'the name of a topic, or the beginning of names and an asterisk',
    ),
    description:
      "The topics that a request may come to by expressions and attributes: names, or prefixes that end in `*`. Without it every topic but Kafka's own, whose names begin with `__`. Topics written in the definition need not be on it.",
  },
  clientIdPrefix: {
    ...textOfForm('^[A-Za-z0-9._-]{1,100}$', 'up to 100 letters, digits, dots, hyphens and underscores'),
    default: 'sluice',
    description: 'Client ids are this, the role (producer, consumer) and a random part.',
  },
  connection: section(
    {
      setupTimeoutMs: optionalInteger(
        1000,
        600_000,
        'How long one attempt to connect to a broker may take. Milliseconds.',
      ),
      socketTimeoutMs: optionalInteger(
        10,
        300_000,
        'How long a broker may take to answer a request. Milliseconds.',
      ),
      maxIdleMs: optionalInteger(
        0,
        86_400_000,
        'A connection that was not used for so long is closed; 0 keeps it. Milliseconds.',
      ),
      reconnectBackoffMs: integer(
        100,
        0,
        3_600_000,
        'The wait before a connection is tried again; it doubles each time. Milliseconds.',
      ),
      reconnectBackoffMaxMs: integer(2000, 0, 3_600_000, 'The longest such wait. Milliseconds.'),
    },
    { default: {} },
  ),
  statisticsIntervalMs: integer(
    0,
    0,
    86_400_000,
    'How often librdkafka writes its statistics, which the management API shows at `/apis/{api}/endpoints/{name}/statistics`; 0 is never. Milliseconds.',
  ),
  security: SECURITY_SCHEMA,
  producer: section(
    {
      enabled: flag(false, 'Whether messages can be published.'),
      topics: topics('Every message goes to each of them.'),
      compressionType: choice(
        ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
        'none',
        'How records are compressed.',
      ),
      compressionLevel: optionalInteger(
        -1,
        12,
        'How hard it is tried; what it means depends on the type. -1 is its own default.',
      ),
      key: text('The key of every record; without it records are spread over the partitions.'),
      keyHeader: text('The header of a message whose value is the key, before `key`.'),
      headers: section({
        allow: {
          ...headerNames,
          description: 'The headers that go on; all without it. Names, or prefixes that end in `*`.',
        },
        deny: { ...headerNames, description: 'The headers that do not go on, also when `allow` has them.' },
        rename: {
          type: 'object',
          additionalProperties: { type: 'string', minLength: 1 },
          description: 'New names by old ones.',
        },
      }),
      partitioner: choice(
        ['murmur2', 'random', 'roundRobin', 'fnv1a', 'fnv1aStandard'],
        'murmur2',
        'How the partition of a record is chosen. `murmur2`: by its key, as Java clients do. `fnv1a` and `fnv1aStandard`: as the clients of Sarama do (`sarama` and `standard`). These three spread records without a key at random.',
      ),
      acks: choice(
        ['all', '1', '0'],
        'all',
        'Which replicas must have a record before it counts as stored. `1`: the leader alone, which loses it when it dies. `0`: none, so nothing is known.',
      ),
      idempotent: {
        type: 'boolean',
        description:
          'Whether retries of the producer store a record once only, in order. True with acks `all`, which it needs.',
      },
      retries: optionalInteger(
        0,
        2_147_483_647,
        'How often a request is sent again; until `deliveryTimeoutMs` without it.',
      ),
      retryBackoffMs: optionalInteger(1, 300_000, 'The wait before a request is sent again. Milliseconds.'),
      requestTimeoutMs: optionalInteger(
        1,
        900_000,
        'How long the leader may wait for its replicas. Milliseconds.',
      ),
      maxMessageBytes: integer(
        100_000_000,
        1000,
        1_000_000_000,
        "The largest request; a larger record is answered 413. The broker's own limit decides below it.",
      ),
      lingerMs: integer(
        0,
        0,
        900_000,
        'How long a record waits for others to be sent with. An awaited publish pays for it. Milliseconds.',
      ),
      batchMaxMessages: optionalInteger(1, 1_000_000, 'Records of one batch at most.'),
      batchMaxBytes: optionalInteger(1, 2_147_483_647, 'Bytes of one batch at most.'),
      buffered: flag(
        false,
        'Whether a publish is answered once it is queued in the gateway, before the broker has it. What then fails is lost and logged; above the bounds of the queue a publish is answered 503.',
      ),
      deliveryTimeoutMs: integer(
        10_000,
        100,
        600_000,
        'A record that is not acknowledged by then is answered 503; it may or may not be stored. Milliseconds.',
      ),
      maxQueuedMessages: integer(
        100_000,
        1,
        10_000_000,
        'Records waiting for the broker; above it a publish is answered 503.',
      ),
      maxQueuedKbytes: integer(65_536, 1, 2_097_151, 'As maxQueuedMessages, in KiB of records.'),
    },
    { default: {} },
  ),
  consumer: section(
    {
      enabled: flag(false, 'Whether messages can be read.'),
      topics: topics('The topics that are read.'),
      topicPattern: text(PATTERN_TEXT),
      topicsPattern: text('Another spelling of `topicPattern`.'),
      'topics.pattern': text('Another spelling of `topicPattern`.'),
      groupId: text(
        'The consumer group of every client that no attribute gives another; absent means one a client.',
      ),
      instanceId: text(
        'Makes the member of the group a static one: a gateway that is back within the session time-out keeps its partitions. It must differ from gateway to gateway.',
      ),
      isolationLevel: choice(
        ['read_committed', 'read_uncommitted'],
        'read_committed',
        'Whether records of transactions that were aborted, or are open, are left out.',
      ),
      assignmentStrategies: {
        type: 'array',
        default: ['range', 'roundrobin'],
        minItems: 1,
        items: { enum: ['range', 'roundrobin', 'cooperative-sticky'] },
        description:
          'How the group spreads partitions over its members, in the order they are offered. `cooperative-sticky` moves only what must move, and stands alone.',
      },
      groupProtocol: {
        enum: ['classic', 'consumer'],
        default: 'classic',
        description:
          '`consumer`: the broker spreads the partitions, and moves them one by one (KIP-848, Kafka 4.0 and later). Session time-out, heartbeats and strategies are then those of the broker.',
      },
      remoteAssignor: {
        type: 'string',
        description:
          'The assignor of the broker, such as `uniform` or `range`, for `groupProtocol` `consumer`.',
      },
      heartbeatIntervalMs: optionalInteger(
        100,
        3_600_000,
        'How often a member shows that it is alive; a quarter of `sessionTimeoutMs` without it. Milliseconds.',
      ),
      rebalanceTimeoutMs: optionalInteger(
        1000,
        86_400_000,
        'How long members have to join again when the group changes; 300000 or `sessionTimeoutMs` without it. Milliseconds.',
      ),
      fetchMinBytes: optionalInteger(
        1,
        100_000_000,
        'A broker waits for so many bytes before it answers a fetch.',
      ),
      fetchMaxBytes: optionalInteger(1000, 2_147_483_135, 'Bytes of one answer to a fetch.'),
      fetchMaxPartitionBytes: optionalInteger(
        1,
        1_000_000_000,
        'Bytes of one partition in one answer; a larger record comes alone.',
      ),
      fetchMaxWaitMs: optionalInteger(
        0,
        300_000,
        'How long a broker waits for `fetchMinBytes`; 500 without it. Milliseconds.',
      ),
      rack: text('Where the gateway is: brokers that support it serve from a replica there.'),
      keyHeader: text("The name of a header that is added with the record's key as its value."),
      encodeMessageId: flag(true, 'Whether ids and cursors are base64.'),
      autoOffsetReset: choice(
        ['latest', 'earliest', 'none'],
        'latest',
        'Where reading starts without a cursor or a recorded offset, or with one that has expired.',
      ),
      checkTopicExistence: flag(false, 'Whether a subscription fails when a topic does not exist yet.'),
      removeConfluentHeader: flag(
        false,
        'Strips the five bytes that a Confluent serializer puts before a value.',
      ),
      maxConsumers: integer(
        64,
        1,
        10_000,
        'Open Kafka consumers of this endpoint; above it a subscription is answered 503. An eighth is kept for reading without a group. One costs about five threads.',
      ),
      maxConsumersPerClient: optionalInteger(
        1,
        10_000,
        'How many of them one client may hold; a quarter of `maxConsumers` without it. One that has more is answered 429. A client is who a plan knows by its credential, else an address: raise it where all clients come from one proxy.',
      ),
      maxConsumersPerApi: optionalInteger(
        1,
        10_000,
        'How many of them one API may hold while other APIs have the same connection; three quarters of `maxConsumers` without it. Above it a subscription is answered 503.',
      ),
      commitIntervalMs: integer(
        1000,
        10,
        600_000,
        'How often group offsets are recorded, but for at-most-once, which records before it hands out. Milliseconds.',
      ),
      sessionTimeoutMs: integer(
        10_000,
        1000,
        3_600_000,
        "After how long without a sign of life the group gives a dead gateway's partitions to others. Milliseconds.",
      ),
    },
    { default: {} },
  ),
});
