import type { ErrorKey } from '../contract/errors.js';
import type { EndpointPlugin, EntrypointPlugin } from '../contract/plugin.js';
import { QOS_LEVELS, type Qos, type RequestedQos } from '../contract/qos.js';

/** The level both sides can keep, or why there is none and what would work. */
export type QosAgreement =
  | { readonly qos: Qos }
  | {
      readonly key: Extract<ErrorKey, 'INCOMPATIBLE_QOS' | 'INCOMPATIBLE_QOS_CAPABILITIES'>;
      readonly message: string;
    };

type Entry = Pick<EntrypointPlugin, 'id' | 'qos' | 'carriesCursor' | 'requires'>;
type End = Pick<EndpointPlugin, 'id' | 'qos' | 'capabilities'>;

/** Agrees on a level when an API is deployed. `auto` is `at-best` where a client's cursor can come back, else `balanced`. */
export function agreeQos(requested: RequestedQos, entrypoint: Entry, endpoint: End): QosAgreement {
  const qos = requested === 'auto' ? automatic(entrypoint) : requested;
  const offered = requested === 'auto' || entrypoint.qos.includes(qos);
  if (!offered || !endpoint.qos.includes(qos)) {
    const who = offered ? `the endpoint "${endpoint.id}"` : `the entrypoint "${entrypoint.id}"`;
    const message = `qos "${requested}" is not one that ${who} can keep; ${whatWorks(entrypoint, endpoint)}`;
    return { key: 'INCOMPATIBLE_QOS', message };
  }
  const missing = missingCapabilities(qos, entrypoint, endpoint);
  if (missing.length > 0) {
    const needs = `qos "${requested}" on the entrypoint "${entrypoint.id}" needs ${missing.join(' and ')}`;
    const message = `${needs} of the endpoint "${endpoint.id}"; ${whatWorks(entrypoint, endpoint)}`;
    return { key: 'INCOMPATIBLE_QOS_CAPABILITIES', message };
  }
  return { qos };
}

const automatic = (entrypoint: Entry): Qos => (entrypoint.carriesCursor ? 'at-best' : 'balanced');

function missingCapabilities(qos: Qos, entrypoint: Entry, endpoint: End): readonly string[] {
  return (entrypoint.requires?.(qos) ?? []).filter((needed) => !endpoint.capabilities.includes(needed));
}

function whatWorks(entrypoint: Entry, endpoint: End): string {
  const fits = (qos: Qos) =>
    endpoint.qos.includes(qos) && missingCapabilities(qos, entrypoint, endpoint).length === 0;
  const levels: string[] = QOS_LEVELS.filter((qos) => entrypoint.qos.includes(qos) && fits(qos));
  if (fits(automatic(entrypoint))) levels.push('auto');
  return levels.length === 0 ? 'no level works for this pair' : `what works: ${levels.join(', ')}`;
}
