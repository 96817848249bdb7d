import type { ConfigSchema, FormatOptions } from './config-schema.js';
import type { ExecutionContext, RequestInfo, SubscriptionInfo } from './context.js';
import type { SluiceError } from './errors.js';
import type { PluginHost } from './plugin.js';
import type { Expressions, MaybePromise } from './policy.js';

/** Who a credential stands for. */
export interface Identity {
  /** What becomes of it in expressions and the client identifier; `planId` and `type` are added. */
  readonly subscription: Omit<SubscriptionInfo, 'planId' | 'type'>;
  /** Attributes of the exchange that it brings, such as the claims of a token. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** When it ends, milliseconds since the epoch; a stream that still runs then is ended. Absent: never. */
  readonly expiresAtMs?: number;
}

/** The security of one plan of a running API. */
export interface PlanSecurity {
  /**
   * Reads and checks the credential of a request. Undefined when the request carries none of this kind.
   * @throws SluiceError of status 401 when the credential is not good; 503 when that cannot be told now
   */
  authenticate(ctx: ExecutionContext): MaybePromise<Identity | undefined>;
  /** What a client is told that sent no credential: 401, with the challenge as its `WWW-Authenticate` header. */
  missing(realm: string): SluiceError;
  /** Headers that it reads credentials from, in any case: they are kept out of messages. None when absent. */
  readonly credentialHeaders?: readonly string[];
  /** Called once the plan has taken the request: takes out of it what flows and messages must not see. */
  conceal?(ctx: ExecutionContext): void;
}

/** A kind of files beside the definitions that a plan security reads. */
export interface DataFiles {
  /** What their names end in, such as `.api-keys.json`. */
  readonly suffix: string;
  /** Of a whole file: it has `api` and `plan`, which name the plan it is for. */
  readonly schema: ConfigSchema;
}

/** What a plan security is made with. */
export interface SecurityHost extends PluginHost {
  readonly planId: string;
  readonly expressions: Expressions;
  /** The files of its kind that are for this plan, valid by their schema. */
  readonly files: readonly Readonly<Record<string, unknown>>[];
}

/** A plan security: how the clients of a plan show who they are. */
export interface SecurityPlugin<Config = unknown> {
  readonly kind: 'security';
  /** As `type` of a plan's `security`. */
  readonly id: string;
  readonly files?: DataFiles;
  /** The attributes of an exchange that it may set: expressions of its APIs may name them. */
  readonly attributes?: readonly string[];
  /** Of the security's `configuration`. */
  readonly schema: ConfigSchema;
  /** As of an entrypoint; without the options that a check hangs on, which must not be ignored. */
  readonly formatOptions?: FormatOptions;
  /** @throws Error when the configuration cannot work: the API is then not deployed */
  create(config: Config, host: SecurityHost): PlanSecurity;
}

/** Types a manifest's own configuration, as `defineEntrypoint` does. */
export function defineSecurity<Config>(plugin: SecurityPlugin<Config>): SecurityPlugin {
  return plugin as SecurityPlugin;
}

/** The challenge of a 401 (RFC 9110 §11.6.1): a scheme and its parameters, quoted; what cannot be quoted is left out. */
export function challenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const quoted = (value: string) => `"${value.replace(/[^\x20-\x7e]|["\\]/g, '')}"`;
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${quoted(value)}`);
  return `${scheme} ${list.join(', ')}`;
}

/** Takes a query parameter out of a request, so that flows, logs and messages do not see it. */
export function concealParameter(request: RequestInfo, name: string): void {
  request.query.delete(name);
  const rest = request.query.toString();
  request.uri = rest === '' ? request.path : `${request.path}?${rest}`;
}
