import type { Logger } from '../contract/logger.js';
import type { LoadedDefinition } from '../definition/load.js';
import type { Problem } from '../definition/problem.js';
import { Claims } from './claims.js';
import type { CorsPolicy } from './cors-policy.js';
import { type DeploySources, prepareApi, type RunningApi } from './deploy.js';
import type { PluginRegistry } from './registry.js';
import { type RouteMatch, Router } from './router.js';
import { reasonNotServed } from './serves.js';

/** An API and the listener by which it was found; `cors` is absent where that has none. */
export interface ApiMatch extends RouteMatch<RunningApi> {
  readonly cors?: CorsPolicy;
}

/** The deployed APIs of this process. */
export class Gateway {
  readonly #apis = new Map<string, RunningApi>();
  readonly #router = new Router<Omit<ApiMatch, 'contextPath' | 'pathInfo'>>();
  readonly #claims = new Claims();

  constructor(
    private readonly registry: PluginRegistry,
    private readonly log: Logger,
    private sources: DeploySources = {},
  ) {}

  /** What the definitions deployed from now on find beside them. */
  offer(sources: DeploySources): void {
    this.sources = { ...this.sources, ...sources };
  }

  /**
   * Deploys a loaded definition, or leaves everything as it is. Returns all problems found, those of loading
   * included; it is deployed when none is an error.
   */
  deploy(loaded: LoadedDefinition): readonly Problem[] {
    const { definition, problems } = loaded;
    if (definition === undefined) return problems;
    const idle = reasonNotServed(definition, this.sources.tags);
    if (idle !== undefined) {
      this.log.info({ api: definition.id, reason: idle }, `the API is not served: ${idle}`);
      return [...problems, ...this.check(loaded)];
    }
    const taken = this.#claims.conflicts(loaded);
    if (taken.length > 0) return [...problems, ...taken, ...this.check(loaded)];
    const prepared = prepareApi(definition, this.registry, this.log, this.sources);
    const found = prepared.problems.map((p) => loaded.problem(p.path, p.message, p.severity));
    if (prepared.api !== undefined) {
      this.#claims.add(definition);
      this.#apis.set(prepared.api.id, prepared.api);
      for (const route of prepared.api.routes) {
        const cors = route.cors === undefined ? {} : { cors: route.cors };
        this.#router.set(route, { target: prepared.api, ...cors });
      }
    }
    return [...problems, ...found];
  }

  /** What `deploy` would say of the plugins' part, without deploying. */
  check(loaded: LoadedDefinition): readonly Problem[] {
    if (loaded.definition === undefined) return [];
    const { problems } = prepareApi(loaded.definition, this.registry, this.log, {
      dryRun: true,
      ...this.sources,
    });
    return problems.map((p) => loaded.problem(p.path, p.message, p.severity));
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
