import type { ExecutionContext } from '../../contract/context.js';
import type { SubscribeRequest, Subscription } from '../../contract/delivery.js';
import type { EndpointConnector, EndpointHealth, PublishResult } from '../../contract/endpoint.js';
import { SluiceError } from '../../contract/errors.js';
import type { Message } from '../../contract/message.js';
import type { Qos } from '../../contract/qos.js';
import { type Choose, type LoadBalancing, loadBalancer } from './load-balancer.js';

/** One endpoint that an entrypoint may be served by. */
export interface Candidate {
  readonly connector: EndpointConnector;
  readonly weight: number;
  /** Used only while no other is there. */
  readonly secondary: boolean;
}

/** Endpoints that stand in for each other. */
export interface CandidateGroup {
  readonly members: readonly Candidate[];
  readonly balancing: LoadBalancing;
}

/** Names the endpoint or group that an exchange goes to: `name:`, or `name:/path`, of which the path means nothing here. */
const TARGET = 'gravitee.attribute.request.endpoint';

/**
 * The endpoints behind an entrypoint. Each exchange goes to one: that which its attribute names, else the next of the
 * default group by its load balancing. One that is known to be down is passed over while another is not; secondary ones
 * come after all others.
 */
export class EndpointChoice implements EndpointConnector {
  readonly #default: () => EndpointConnector;
  readonly #named: ReadonlyMap<string, () => EndpointConnector>;
  readonly #only: EndpointConnector | undefined;
  readonly #chosen = new WeakMap<ExecutionContext, EndpointConnector>();

  /** @param named endpoints and groups by the names that exchanges may ask for */
  constructor(
    private readonly group: CandidateGroup,
    named: ReadonlyMap<string, CandidateGroup>,
  ) {
    this.#default = chooser(group);
    this.#only = group.members.length === 1 ? group.members[0]?.connector : undefined;
    this.#named = new Map([...named].map(([name, one]) => [name, chooser(one)]));
  }

  publish(
    ctx: ExecutionContext,
    messages: readonly Message[],
    options: { readonly qos: Qos },
  ): Promise<readonly PublishResult[]> {
    // An exchange without attributes asks for nothing, and there is often but one endpoint.
    if (this.#only !== undefined && ctx.attributes.size === 0)
      return this.#only.publish(ctx, messages, options);
    return this.#publish(ctx, messages, options);
  }

  async subscribe(ctx: ExecutionContext, request: SubscribeRequest): Promise<Subscription> {
    return await this.#of(ctx).subscribe(ctx, request);
  }

  /** Up while one of the default group is. */
  health(): EndpointHealth {
    const all = this.group.members.map(({ connector }) => connector.health());
    return all.find(({ status }) => status === 'up') ?? all[0] ?? { status: 'unknown' };
  }

  /** The members are stopped by the API, which they belong to. */
  async stop(): Promise<void> {}

  async #publish(
    ctx: ExecutionContext,
    messages: readonly Message[],
    options: { readonly qos: Qos },
  ): Promise<readonly PublishResult[]> {
    return await this.#of(ctx).publish(ctx, messages, options);
  }

  /** The same for all that an exchange does. @throws SluiceError `NO_ENDPOINT_FOUND` */
  #of(ctx: ExecutionContext): EndpointConnector {
    const known = this.#chosen.get(ctx);
    if (known !== undefined) return known;
    const target = ctx.attributes.get(TARGET);
    const choose = target === undefined || target === null ? this.#default : this.#named.get(nameOf(target));
    if (choose === undefined)
      throw new SluiceError('NO_ENDPOINT_FOUND', { cause: new Error(`it names ${String(target)}`) });
    const connector = choose();
    this.#chosen.set(ctx, connector);
    return connector;
  }
}

function nameOf(target: unknown): string {
  return String(target).split(':')[0] ?? '';
}

function chooser({ members, balancing }: CandidateGroup): () => EndpointConnector {
  const [only, ...others] = members;
  if (only !== undefined && others.length === 0) return () => only.connector;
  const primary: Choose<Candidate> = loadBalancer(balancing);
  const secondary: Choose<Candidate> = loadBalancer(balancing);
  const isThere = ({ connector }: Candidate) => connector.health().status !== 'down';
  const first = members.filter((one) => !one.secondary);
  const second = members.filter((one) => one.secondary);
  return () => {
    const up = first.filter(isThere);
    if (up.length > 0) return primary(up).connector;
    const standing = second.filter(isThere);
    if (standing.length > 0) return secondary(standing).connector;
    // None is there: the error of one of them says why.
    return primary(first.length > 0 ? first : members).connector;
  };
}
