import { MANAGEMENT_MEMBERS, withoutMembers } from './format/management.js';
import type { JsonPath } from './problem.js';

type Json = Record<string, unknown>;

/** An API taken out of the document it came in, and where its members stood there. */
export interface UnwrappedApi {
  /** A copy at its root; what is below is the document's own. */
  readonly api: Json;
  locate(path: JsonPath): JsonPath;
}

/**
 * The forms in which a definition is found: itself; an export, which has it under `api`, with plans and metadata next to it;
 * and a resource of the Kubernetes operator, which has it under `spec`, and plans by their names. What creates an API has
 * no ids: they are made from names.
 */
export function unwrapApi(document: Json): UnwrappedApi {
  const at = document.listeners === undefined ? wrapperOf(document) : undefined;
  const source = at === undefined ? document : (document[at] as Json);
  const api: Json = { ...withoutMembers(source, MANAGEMENT_MEMBERS.api) };
  const outside = new Set<unknown>();
  if (at === 'api') {
    for (const name of ['plans', 'metadata']) {
      if (api[name] !== undefined || isNothing(document[name])) continue;
      api[name] = document[name];
      outside.add(name);
    }
  }
  if (at === 'spec') takeFromResource(api, document);
  if (api.id === undefined && typeof api.name === 'string') api.id = idOf(api.name);
  const keys = listPlans(api);
  if (Array.isArray(api.plans)) {
    api.plans = api.plans.map((plan) =>
      isObject(plan) ? withoutMembers(plan, MANAGEMENT_MEMBERS.plan) : plan,
    );
  }
  const locate = ([first, second, ...rest]: JsonPath): JsonPath => {
    const prefix = at === undefined || outside.has(first) ? [] : [at];
    const name = typeof second === 'number' && first === 'plans' ? (keys?.[second] ?? second) : second;
    return [
      ...prefix,
      ...(first === undefined ? [] : [first]),
      ...(name === undefined ? [] : [name]),
      ...rest,
    ];
  };
  return { api, locate };
}

function wrapperOf(document: Json): 'api' | 'spec' | undefined {
  if (isObject(document.api)) return 'api';
  return isObject(document.spec) ? 'spec' : undefined;
}

/** A resource names its API by its own metadata, and its version of the format by its kind. */
function takeFromResource(api: Json, { metadata, kind }: Json): void {
  const name = isObject(metadata) ? metadata.name : undefined;
  if (typeof name === 'string') api.id ??= name;
  if (typeof kind === 'string' && /^ApiV4Definition$/i.test(kind)) api.definitionVersion ??= 'V4';
}

/** Makes a list of plans that are written by their names. @returns the names, in the order of the list */
function listPlans(api: Json): readonly string[] | undefined {
  if (Array.isArray(api.plans)) {
    api.plans = api.plans.map((plan: unknown) =>
      isObject(plan) && plan.id === undefined && typeof plan.name === 'string'
        ? { ...plan, id: idOf(plan.name) }
        : plan,
    );
    return undefined;
  }
  if (!isObject(api.plans)) return undefined;
  const entries = Object.entries(api.plans);
  api.plans = entries.map(([key, plan]) =>
    isObject(plan) ? { id: key, name: key, ...withoutNull(plan, 'id') } : plan,
  );
  return entries.map(([key]) => key);
}

function withoutNull(object: Json, name: string): Json {
  if (object[name] !== null && object[name] !== undefined) return object;
  const { [name]: _, ...rest } = object;
  return rest;
}

/** An id made from a name: its letters and digits in lower case, everything else a hyphen. */
function idOf(name: string): string {
  const words = name
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}._]+/u);
  return words.filter((word) => word !== '').join('-') || name;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
