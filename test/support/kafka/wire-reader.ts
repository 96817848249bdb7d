/** Reads the primitive types of Kafka's protocol, one after the other; flexible versions write lengths as varints. */
export class WireReader {
  #at = 0;
  flexible = false;

  constructor(private readonly source: Buffer) {}

  /** A reader of what this one has not read yet. */
  again(): WireReader {
    const reader = new WireReader(this.source.subarray(this.#at));
    reader.flexible = this.flexible;
    return reader;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  int8(): number {
    return this.source.readInt8(this.#move(1));
  }

  int16(): number {
    return this.source.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.source.readInt32BE(this.#move(4));
  }

  /** An unsigned varint. */
  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.source.readUInt8(this.#move(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  string(flexible = this.flexible): string | null {
    const length = flexible ? this.varint() - 1 : this.int16();
    return length < 0 ? null : this.source.toString('utf8', this.#move(length), this.#at);
  }

  bytes(): Buffer {
    const length = this.flexible ? this.varint() - 1 : this.int32();
    return this.source.subarray(this.#move(Math.max(0, length)), this.#at);
  }

  array<T>(item: () => T): T[] {
    const length = this.flexible ? this.varint() - 1 : this.int32();
    return Array.from({ length: Math.max(0, length) }, item);
  }

  /** The end of a structure: tagged fields, in flexible versions. */
  ended(): void {
    if (this.flexible) this.tags();
  }

  tags(): void {
    for (let left = this.varint(); left > 0; left--) {
      this.varint();
      this.skip(this.varint());
    }
  }

  #move(bytes: number): number {
    const from = this.#at;
    this.#at += bytes;
    return from;
  }
}
