import type { Logger } from '../contract/logger.js';
import type { LoadedDefinition } from '../definition/load.js';
import type { ApiDefinition } from '../definition/model.js';
import { formatProblem, type Problem } from '../definition/problem.js';
import { Claims } from './claims.js';
import type { CorsPolicy } from './cors-policy.js';
import { type DeploySources, type Prepared, prepareApi, type RunningApi } from './deploy.js';
import type { PluginRegistry } from './registry.js';
import { type RouteMatch, Router } from './route/router.js';
import type { Subscribable } from './running-push.js';
import { reasonNotServed } from './serves.js';

/** An API and the listener by which it was found; `cors` is absent where that has none. */
export interface ApiMatch extends RouteMatch<RunningApi> {
  readonly cors?: CorsPolicy;
}

/** How a {@link Gateway} deploys. */
export interface GatewayOptions {
  /** Whether definitions are only checked, as they would be if they were served. */
  readonly dryRun?: boolean;
}

/** A definition that is not served, and why. */
export interface UnservedApi {
  /** Absent where none can be read. */
  readonly id?: string;
  /** Where it came from; absent when that was no file. */
  readonly file?: string;
  readonly state: 'failed' | 'stopped';
  /** What keeps it from being served, in words. */
  readonly reasons: readonly string[];
}

/** The deployed APIs of this process. */
export class Gateway {
  readonly #apis = new Map<string, RunningApi>();
  readonly #router = new Router<Omit<ApiMatch, 'contextPath' | 'pathInfo'>>();
  readonly #claims = new Claims();
  /** By file, else by id: what was deployed last counts. */
  readonly #unserved = new Map<string, UnservedApi>();
  readonly #offers = new Map<string, Subscribable>();

  constructor(
    private readonly registry: PluginRegistry,
    private readonly log: Logger,
    private sources: DeploySources = {},
    private readonly options: GatewayOptions = {},
  ) {}

  /** What the definitions deployed from now on find beside them. */
  offer(sources: DeploySources): void {
    this.sources = { ...this.sources, ...sources };
  }

  /**
   * Deploys a loaded definition, or leaves everything as it is. Returns all problems found, those of loading
   * included; it is deployed when none is an error, and then alone takes its id and paths.
   */
  deploy(loaded: LoadedDefinition): readonly Problem[] {
    const { definition } = loaded;
    if (definition === undefined) return this.#left(loaded, loaded.problems);
    const idle = reasonNotServed(definition, this.sources.tags);
    const taken = idle === undefined ? this.#claims.conflicts(loaded) : [];
    const dryRun = this.options.dryRun === true || idle !== undefined || taken.length > 0;
    const { api, offers, problems } = this.#prepared(definition, dryRun);
    const found = problems.map((p) => loaded.problem(p.path, p.message, p.severity));
    const all = [...loaded.problems, ...taken, ...found];
    if (taken.length > 0 || offers === undefined) return this.#left(loaded, all);
    if (idle !== undefined) {
      if (!this.#offers.has(definition.id)) this.#offers.set(definition.id, { ...offers, idle });
      return this.#left(loaded, all, idle);
    }
    this.#claims.add(definition);
    this.#offers.set(definition.id, offers);
    this.#unserved.delete(keyOf(loaded));
    if (api !== undefined) this.#serve(api);
    return all;
  }

  /** A plugin that throws where it must not is a problem of the definitions that name it, and of no other. */
  #prepared(definition: ApiDefinition, dryRun: boolean): Prepared {
    try {
      return prepareApi(definition, this.registry, this.log, { ...this.sources, dryRun });
    } catch (error) {
      this.log.error({ api: definition.id, err: error }, 'a plugin failed while an API was deployed');
      const reason = error instanceof Error ? error.message : String(error);
      return {
        problems: [{ severity: 'error', path: [], message: `a plugin of this API failed: ${reason}` }],
      };
    }
  }

  /** Remembers that a definition is not served. @param idle why, when nothing is wrong with it */
  #left(loaded: LoadedDefinition, problems: readonly Problem[], idle?: string): readonly Problem[] {
    const { id, file } = loaded;
    const errors = problems.filter(({ severity }) => severity === 'error');
    this.#unserved.set(keyOf(loaded), {
      ...(id === undefined ? {} : { id }),
      ...(file === undefined ? {} : { file }),
      state: idle === undefined ? 'failed' : 'stopped',
      reasons: idle === undefined ? errors.map(formatProblem) : [idle],
    });
    return problems;
  }

  /** Definitions that were to be deployed and are not served, in the order they came. */
  get unserved(): readonly UnservedApi[] {
    return [...this.#unserved.values()];
  }

  #serve(api: RunningApi): void {
    this.#apis.set(api.id, api);
    for (const route of api.routes) {
      const cors = route.cors === undefined ? {} : { cors: route.cors };
      this.#router.set(route, { target: api, ...cors });
    }
  }

  /** What subscriptions to an API are checked against; undefined when no such API is there. */
  subscribable(id: string): Subscribable | undefined {
    return this.#offers.get(id);
  }

  /** The API that listens on a host and path. */
  find(host: string, path: string): ApiMatch | undefined {
    const match = this.#router.find(host, path);
    if (match === undefined) return undefined;
    const {
      target: { target, cors },
      contextPath,
      pathInfo,
    } = match;
    return cors === undefined ? { target, contextPath, pathInfo } : { target, contextPath, pathInfo, cors };
  }

  get apis(): readonly RunningApi[] {
    return [...this.#apis.values()];
  }

  /**
   * Stops every endpoint, all at once; acknowledgements in flight have `timeoutMs` to come.
   * @throws AggregateError once all are done, when one did not stop cleanly
   */
  async stop(timeoutMs: number): Promise<void> {
    const endpoints = this.apis.flatMap((api) => api.endpoints);
    this.#apis.clear();
    const stopped = await Promise.allSettled(endpoints.map(({ connector }) => connector.stop(timeoutMs)));
    const failed = stopped.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (failed.length > 0) throw new AggregateError(failed, 'not every endpoint stopped');
  }
}

function keyOf({ file, id = '' }: LoadedDefinition): string {
  return file ?? id;
}
