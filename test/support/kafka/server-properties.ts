/** What differs from broker to broker. */
export interface ServerPlace {
  /** Where clients connect, on 127.0.0.1. */
  clientPort: number;
  /** Where the broker reaches its own controller, on 127.0.0.1. */
  controllerPort: number;
  /** The folder of the logs and metadata. */
  dataFolder: string;
}

/**
 * The properties of a KRaft process that is broker and controller at once, sized for tests.
 *
 * Clients connect to the listener named CLIENT. Overriding `listener.security.protocol.map` with
 * `CLIENT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT` (or SSL, SASL_SSL) secures it without touching its port.
 */
export function serverProperties(place: ServerPlace): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${place.controllerPort}`,
    listeners: `CLIENT://127.0.0.1:${place.clientPort},CONTROLLER://127.0.0.1:${place.controllerPort}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': place.dataFolder,

    'num.partitions': '1',
    'auto.create.topics.enable': 'true',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',

    // After SIGKILL the controller refuses the restarted broker until the session of its predecessor is over,
    // 9 s by default. Shorter than this, a machine under load would fence a healthy broker.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '200',
    // 128 MB by default, all of it touched at start.
    'log.cleaner.dedupe.buffer.size': '4194304',
  };
}

/** The text of a Java properties file. */
export function propertiesFile(properties: Record<string, string>): string {
  const escaped = (text: string) => text.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\'));
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
}
