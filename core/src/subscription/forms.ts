import { withoutNulls } from '../definition/nulls.js';
import type { JsonPath } from '../definition/problem.js';

type Json = Record<string, unknown>;

/** A document in the one form that the schema knows, and where each of its members stood. */
export interface OneForm {
  readonly value: unknown;
  locate(path: JsonPath): JsonPath;
}

/** Names under which members are found, the first being ours. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  api: ['api', 'apiId'],
  plan: ['plan', 'planId'],
  application: ['application', 'applicationId'],
  configuration: ['configuration', 'consumerConfiguration'],
};

/**
 * A subscription is found in three forms: of the management API (`applicationId`, `planId`, `consumerConfiguration`),
 * of the portal (`application`, `plan`, `configuration`), and of a gateway, whose `entrypointConfiguration` is a JSON
 * text. This makes one of them, on a copy; words of fixed sets are written in upper case. A text that is not JSON
 * stays, for the schema to refuse.
 * @param options.nulls keeps members that are null, which a merge patch has to remove what it is merged into
 */
export function oneForm(document: unknown, options: { readonly nulls?: boolean } = {}): OneForm {
  if (!isObject(document)) return { value: document, locate: (path) => path };
  const value: Json = structuredClone(document);
  const found = new Map<string, string>();
  for (const [ours, names] of Object.entries(NAMES)) {
    const said = (member: unknown) => member !== undefined && (options.nulls === true || member !== null);
    const name = names.find((candidate) => said(value[candidate]));
    const member = name === undefined ? undefined : value[name];
    for (const other of names) delete value[other];
    if (name === undefined) continue;
    value[ours] = member;
    found.set(ours, name);
  }
  if (options.nulls !== true) withoutNulls(value);
  for (const name of ['status', 'consumerStatus', 'type']) {
    const word = value[name];
    if (typeof word === 'string') value[name] = word.toUpperCase();
  }
  const configuration = parsed(value.configuration);
  if (isObject(configuration)) {
    value.configuration = {
      ...configuration,
      ...('entrypointConfiguration' in configuration
        ? { entrypointConfiguration: parsed(configuration.entrypointConfiguration) }
        : {}),
    };
    if (options.nulls !== true) withoutNulls(value.configuration);
  }
  return {
    value,
    locate: ([first, ...rest]) => (first === undefined ? [] : [found.get(String(first)) ?? first, ...rest]),
  };
}

/** What {@link oneForm} made, with the names that `document` uses, else those of the management API: places are told by them. */
export function inFormOf(document: unknown, value: unknown): unknown {
  if (!isObject(value)) return value;
  const written = isObject(document) ? document : {};
  const renamed = Object.entries(value).map(([ours, member]) => {
    const names = NAMES[ours] ?? [ours];
    return [names.find((name) => name in written) ?? names.at(-1) ?? ours, member] as const;
  });
  return Object.fromEntries(renamed);
}

function parsed(member: unknown): unknown {
  if (typeof member !== 'string') return structuredClone(member);
  try {
    return JSON.parse(member);
  } catch {
    return member;
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
