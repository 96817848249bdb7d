import type { EndpointConnector } from '../contract/endpoint.js';
import type { Message } from '../contract/message.js';
import type { Qos } from '../contract/qos.js';

/** An endpoint opened for one case, with a store of its own. */
export interface OpenEndpoint {
  readonly endpoint: EndpointConnector;
  /** Makes that many further messages readable, numbered on from the last; absent where nothing can. */
  publishMore?(count: number): Promise<void>;
  /** Releases everything, the endpoint too. */
  stop(): Promise<void>;
}

/** What a plugin's author says of an endpoint, so that the suite knows which promises to try. */
export interface EndpointHarness {
  /** Opens an endpoint of which `messages` messages can be read, numbered from 0. Readers start at the first. */
  open(options: { readonly messages: number }): Promise<OpenEndpoint>;
  /** The number of a message that was read. */
  numberOf(message: Message): number;
  /** The levels to try, usually those of the manifest. */
  readonly qos: readonly Qos[];
  /** The levels whose deliveries carry a cursor; all of `qos` but `balanced` when absent. */
  readonly cursors?: readonly Qos[];
  /** The levels at which the progress of a client identifier is remembered. */
  readonly groups: readonly Qos[];
  /** The levels at which a nack hands out again; `at-least-once` when absent. */
  readonly redelivers?: readonly Qos[];
  /** Whether what is published can be read. Then `open({ messages: 0 })` must start empty. */
  readonly roundTrip: boolean;
  /** Cursors that look like the endpoint's own and are not valid, beside those the suite tries on every endpoint. */
  readonly malformedCursors?: readonly string[];
  /** A message that the endpoint refuses while it takes others, such as one that is too large. */
  refused?(): Message;
  /** How long something promised may take; 5000 ms when absent. */
  readonly patienceMs?: number;
  /** How long nothing must come for it to count as nothing; 100 ms when absent. */
  readonly quietMs?: number;
}

/** The levels of a harness whose deliveries carry a cursor. */
export function cursorLevels({ qos, cursors }: EndpointHarness): readonly Qos[] {
  return cursors ?? qos.filter((level) => level !== 'balanced');
}

/** The levels of a harness that settle: at `none` nobody records anything, so deliveries are not counted. */
export function settlingLevels({ qos }: EndpointHarness): readonly Qos[] {
  return qos.filter((level) => level !== 'none');
}
