/** The partitions of an endpoint whose reading has stopped though there is something to read: for its health and metrics. */
export class Stalls {
  readonly #stalled = new Map<object, readonly string[]>();
  /** How often a reader was renewed because of it. */
  renewals = 0;

  /** What of a reader stands still now. */
  set(reader: object, partitions: readonly string[]): void {
    if (partitions.length === 0) this.#stalled.delete(reader);
    else this.#stalled.set(reader, partitions);
  }

  /** `topic@partition` of each. */
  get partitions(): readonly string[] {
    return [...new Set([...this.#stalled.values()].flat())].sort();
  }

  /** For an operator; undefined while nothing stands still. */
  get reason(): string | undefined {
    const { partitions } = this;
    if (partitions.length === 0) return undefined;
    const named = partitions.slice(0, 5).join(', ');
    const more = partitions.length > 5 ? ` and ${partitions.length - 5} more` : '';
    return `nothing is read of ${named}${more} although there are records; the reader has been renewed`;
  }
}
