import type Kafka from 'node-rdkafka';

/** What a client emits its statistics by. */
type Client = Kafka.Producer | Kafka.KafkaConsumer;

/** The latest statistics of each open client of a connection, as librdkafka wrote them. */
export class ClientStatistics {
  readonly #latest = new Map<Client, string>();

  /** @param intervalMs how often clients write them; 0 means never */
  constructor(readonly intervalMs: number) {}

  /** Follows a client until it is disconnected. */
  follow(client: Client): void {
    if (this.intervalMs === 0) return;
    (client as NodeJS.EventEmitter).on('event.stats', ({ message }: { message: string }) => {
      this.#latest.set(client, message);
    });
    (client as NodeJS.EventEmitter).on('disconnected', () => this.#latest.delete(client));
  }

  /** One object a client; undefined while they are switched off. */
  read(): readonly object[] | undefined {
    if (this.intervalMs === 0) return undefined;
    return [...this.#latest.values()].map((text) => JSON.parse(text) as object);
  }
}
