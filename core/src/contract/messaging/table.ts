import { BYTES, type MetricSpec, SECONDS } from '../metrics.js';

/** Labels of OpenTelemetry's messaging conventions. */
const OPERATION = ['messaging.system', 'messaging.operation.name', 'messaging.destination.name'];
/** Labels of KrakenD's messaging metrics. */
const WRITE = ['kind', 'topic'];
const READ = ['kind', 'topic', 'origin'];

const seconds = (name: string, labels: readonly string[], description: string) =>
  ({ name, kind: 'histogram', unit: 's', labels, boundaries: SECONDS, description }) satisfies MetricSpec;
const bytes = (name: string, labels: readonly string[], description: string) =>
  ({ name, kind: 'histogram', unit: 'By', labels, boundaries: BYTES, description }) satisfies MetricSpec;
const messages = (name: string, labels: readonly string[], description: string) =>
  ({ name, kind: 'counter', unit: '{message}', labels, description }) satisfies MetricSpec;

/** What every endpoint tells of the messages that go through it, by {@link MessagingTelemetry}. */
export const MESSAGING_METRICS = {
  operation: seconds(
    'messaging.client.operation.duration',
    [...OPERATION, 'error.type'],
    'How long the store took for one `send` of a message or one `commit` of a group.',
  ),
  sent: messages(
    'messaging.client.sent.messages',
    [...OPERATION, 'error.type'],
    'Messages that were sent, once for each topic; `error.type` is there on those that failed.',
  ),
  consumed: messages(
    'messaging.client.consumed.messages',
    OPERATION,
    'Messages that were read from the store: once, however many clients share the reader.',
  ),
  process: seconds(
    'messaging.process.duration',
    OPERATION,
    'From handing a batch to an entrypoint until it asks for the next, for each batch; in whole turns of the event loop.',
  ),
  writeSize: bytes('messaging.write.body.size', WRITE, 'Bodies of the messages written.'),
  writeDuration: seconds('messaging.write.body.duration', WRITE, 'How long it took to write a message.'),
  writeFailure: seconds(
    'messaging.write.failure.count',
    WRITE,
    'How long it took to fail to write a message.',
  ),
  readSize: bytes('messaging.read.body.size', READ, 'Bodies of the messages handed out, once a client.'),
  readDuration: seconds(
    'messaging.read.body.duration',
    READ,
    'From asking for messages until there is a batch, the wait for new ones included, for each batch.',
  ),
  readAck: seconds('messaging.read.ack.duration', READ, 'How long it took to record what was acknowledged.'),
  readFailure: seconds('messaging.read.failure.count', READ, 'How long it took to fail to read.'),
} as const satisfies Readonly<Record<string, MetricSpec>>;
