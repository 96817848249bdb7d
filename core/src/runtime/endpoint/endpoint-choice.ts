import type { ExecutionContext } from '../../contract/context.js';
import type { SubscribeRequest, Subscription } from '../../contract/delivery.js';
import type { EndpointConnector, EndpointHealth, PublishResult } from '../../contract/endpoint.js';
import { SluiceError } from '../../contract/errors.js';
import type { Message } from '../../contract/message.js';
import type { Qos } from '../../contract/qos.js';
import { type Choose, type LoadBalancing, loadBalancer } from './load-balancer.js';

/** One endpoint that an entrypoint may be served by. */
export interface Candidate {
  readonly name: string;
  /** The name of its group. */
  readonly group: string;
  /** How exchanges are spread over its group. */
  readonly balancing: LoadBalancing;
  readonly connector: EndpointConnector;
  readonly weight: number;
  /** Used only while no other is there. */
  readonly secondary: boolean;
}

/** Names the endpoint or group that an exchange goes to: `name:`, or `name:/path`, of which the path means nothing here. */
const TARGET = 'gravitee.attribute.request.endpoint';

/**
 * The endpoints behind an entrypoint. Each exchange goes to one: that which its attribute names, else the next of the
 * default group by its load balancing. One that is known to be down is passed over while another is not; secondary ones
 * come after all others.
 */
export class EndpointChoice implements EndpointConnector {
  readonly #only: EndpointConnector | undefined;
  // Made when an exchange first asks: of thousands of APIs most are never called, or never by name.
  #default: (() => EndpointConnector) | undefined;
  #named: ReadonlyMap<string, () => EndpointConnector> | undefined;
  #chosen: WeakMap<ExecutionContext, EndpointConnector> | undefined;

  /**
   * @param members the default group
   * @param named what exchanges may ask for by name: these endpoints, and their groups where no endpoint has their name
   */
  constructor(
    private readonly members: readonly Candidate[],
    private readonly named: readonly Candidate[],
  ) {
    this.#only = members.length === 1 ? members[0]?.connector : undefined;
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
    const all = this.members.map(({ connector }) => connector.health());
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
    this.#chosen ??= new WeakMap();
    const known = this.#chosen.get(ctx);
    if (known !== undefined) return known;
    const choose = this.#chooserFor(ctx.attributes.get(TARGET));
    if (choose === undefined)
      throw new SluiceError('NO_ENDPOINT_FOUND', {
        cause: new Error(`it names ${String(ctx.attributes.get(TARGET))}`),
      });
    const connector = choose();
    this.#chosen.set(ctx, connector);
    return connector;
  }

  #chooserFor(target: unknown): (() => EndpointConnector) | undefined {
    if (target === undefined || target === null) {
      this.#default ??= chooser(this.members);
      return this.#default;
    }
    this.#named ??= choosersByName(this.named);
    return this.#named.get(nameOf(target));
  }
}

function choosersByName(ends: readonly Candidate[]): ReadonlyMap<string, () => EndpointConnector> {
  const named = new Map<string, Candidate[]>();
  for (const end of ends) named.set(end.group, [...(named.get(end.group) ?? []), end]);
  for (const end of ends) named.set(end.name, [end]);
  return new Map([...named].map(([name, members]) => [name, chooser(members)]));
}

function nameOf(target: unknown): string {
  return String(target).split(':')[0] ?? '';
}

/** @param members of one group, one at least */
function chooser(members: readonly Candidate[]): () => EndpointConnector {
  const [only, ...others] = members;
  if (only !== undefined && others.length === 0) return () => only.connector;
  const balancing = only?.balancing ?? 'round-robin';
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
