import { Shares } from '../contract/share/shares.js';

/** Of whatever is not known by name. */
export const OTHER = '_other';

/** Values of one label; of these, those that one client may bring, and all clients together. */
const MAX_VALUES = 200;
const MAX_OF_CLIENT = 50;
const MAX_OF_CLIENTS = 150;
/** Values remembered that a client had no share for; of more the one that was met longest ago is forgotten. */
const MAX_REFUSED = 1000;

/**
 * The values that one label has come to have; once there they stay. A client may bring its share of them, and all clients
 * together leave room for what definitions name.
 */
export class LabelValues {
  readonly #known = new Set<string>();
  readonly #shares = new Shares(() => ({ all: MAX_OF_CLIENTS, client: MAX_OF_CLIENT }));
  /** Whoever counts later must not bring in what its client could not. */
  readonly #refused = new Set<string>();

  /** @param by as {@link Metrics.bounded} */
  told(value: string, by: { readonly client: string } | 'definition' | undefined): string {
    if (this.#known.has(value)) return value;
    if (by === 'definition') this.#refused.delete(value);
    else if (this.#refuses(value, by?.client)) return OTHER;
    if (this.#known.size >= MAX_VALUES) return OTHER;
    this.#known.add(value);
    return value;
  }

  #refuses(value: string, client: string | undefined): boolean {
    if (client === undefined) return this.#refused.has(value) && this.#refuse(value);
    const claim = { api: '', client };
    if (this.#shares.full(claim) !== undefined) return this.#refuse(value);
    this.#refused.delete(value);
    if (this.#known.size < MAX_VALUES) this.#shares.add(claim);
    return false;
  }

  #refuse(value: string): true {
    this.#refused.delete(value);
    this.#refused.add(value);
    const [oldest] = this.#refused;
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
    return true;
  }
}
