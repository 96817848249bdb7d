import type { ExecutionContext } from '../contract/context.js';
import type { SluiceError } from '../contract/errors.js';
import type { Message } from '../contract/message.js';
import { contextAttributesView } from './attributes-view.js';
import { HeadersView } from './headers-view.js';
import { messageView } from './message-view.js';
import { requestView } from './request-view.js';
import type { Scope } from './scope-type.js';
import { LookupView, recordView, type View } from './view.js';

type Texts = Readonly<Record<string, string>>;

/** Where the roots of an expression come from. What is absent is null in an expression. */
export interface ScopeParts {
  readonly ctx: ExecutionContext;
  readonly message?: Message | undefined;
  /** Of a response template: the error that is answered. */
  readonly error?: SluiceError | undefined;
  /** `properties['k']` and `api.properties['k']`. */
  readonly properties?: Texts;
  /** `api.metadata['k']`. */
  readonly metadata?: Texts;
  /** Names; `endpoints['name']` is `name:`, as the attribute that chooses an endpoint has it. */
  readonly endpoints?: readonly string[];
  readonly dictionaries?: Readonly<Record<string, Texts>>;
  readonly node?: object;
  /** See `secrets.ts`. */
  readonly secrets?: (reference: string) => unknown;
}

/** The roots of the expressions of one exchange or message. Each is made when it is named, once. */
export function expressionScope(parts: ScopeParts): Scope {
  // Most expressions name one root: a map is made for the second.
  let first: string | undefined;
  let value: unknown;
  let others: Map<string, unknown> | undefined;
  return (name) => {
    if ((name as unknown) === PARTS) return parts;
    if (name === first) return value;
    const known = others?.get(name);
    if (known !== undefined) return known;
    const made = Object.hasOwn(ROOT_VALUES, name) ? ROOT_VALUES[name]?.(parts) : undefined;
    if (first === undefined) {
      first = name;
      value = made;
    } else {
      others ??= new Map();
      others.set(name, made);
    }
    return made;
  };
}

/** What a scope was made of; undefined where it was made of nothing. No expression can ask for it. */
export function partsOf(scope: Scope): ScopeParts | undefined {
  return scope(PARTS as unknown as string) as ScopeParts | undefined;
}

const PARTS = Symbol('parts');

const ROOT_VALUES: Readonly<Record<string, (parts: ScopeParts) => unknown>> = {
  request: ({ ctx }) => requestView(ctx.request),
  response: ({ ctx: { response } }) =>
    recordView({ status: response.status, headers: new HeadersView(response.headers) }),
  message: ({ message }) => message && messageView(message),
  error: ({ error }) => error && errorView(error),
  parameters: ({ error }) => error?.parameters,
  context: ({ ctx }) => recordView({ attributes: contextAttributesView(ctx) }),
  subscription: ({ ctx: { subscription } }) => subscription,
  api: ({ ctx: { api }, properties, metadata }) => {
    return { id: api.id, name: api.name, version: api.version, properties, metadata };
  },
  properties: ({ properties }) => properties,
  endpoints: ({ endpoints }) =>
    new LookupView(
      (name) => (endpoints?.includes(name) ? `${name}:` : undefined),
      () => endpoints ?? [],
    ),
  dictionaries: ({ dictionaries }) => dictionaries,
  node: ({ node }) => node,
  secrets: ({ secrets }) => new LookupView((reference) => secrets?.(reference)),
};

/** Its cause stays in the log: it may name what a client must not see. */
function errorView({ status, code, message, parameters }: SluiceError): View {
  return recordView({ statusCode: status, key: code, message, parameters });
}
