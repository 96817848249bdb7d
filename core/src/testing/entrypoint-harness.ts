import type { RequestInfo } from '../contract/context.js';
import type { ByteSink, UpgradedResponse } from '../contract/entrypoint.js';
import type { EntrypointPlugin } from '../contract/plugin.js';
import type { Qos } from '../contract/qos.js';

/** A message as a client understands it. */
export interface SeenMessage {
  /** The content as text. */
  readonly content: string;
  /** What the client would send to go on after this message; null where the protocol or the level has nothing. */
  readonly cursor: string | null;
}

/** What a plugin's author says of an entrypoint, so that the suite can speak its protocol. */
export interface EntrypointHarness {
  readonly plugin: EntrypointPlugin;
  /** As a definition would hold it; the schema's defaults are filled in. Empty when absent. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** A request of this protocol, going on after a cursor where one is given. */
  request(options: { readonly cursor?: string }): Partial<RequestInfo>;
  /** The messages a client understands from all bytes it was sent; needed of an entrypoint that subscribes. */
  parse?(text: string): readonly SeenMessage[];
  /** Serves an answer that upgrades, with what it sends going to the sink; needed of an entrypoint that upgrades. */
  upgrade?(response: UpgradedResponse, sink: ByteSink): Promise<void>;
  /** The most messages of one answer, 50 to 59, where an answer ends by itself; absent for a stream. */
  readonly pageSize?: number;
  /** How long something promised may take; 5000 ms when absent. */
  readonly patienceMs?: number;
}

/** The levels a harness's entrypoint can be asked for that settle. */
export function settlingLevelsOf({ plugin }: EntrypointHarness): readonly Qos[] {
  return plugin.qos.filter((level) => level !== 'none');
}
