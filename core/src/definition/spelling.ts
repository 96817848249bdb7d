import { unwrapApi } from './document-forms.js';

/*
 * A definition is found in two spellings (what a gateway reads, and what a management API exports) and in
 * mixtures of both. This makes one of them. Unknown members stay, for the validator to name them.
 */
type Json = Record<string, unknown>;

/** Members whose value is one of a fixed set of words, matched ignoring case, `_` being `-`. */
const WORDS = new Set(['qos', 'mode', 'status', 'state', 'pathOperator', 'channelOperator']);
/** The same under `type`, in the objects that hold these members. */
const TYPED = new Set(['listeners', 'selectors', 'loadBalancer', 'security']);

/** The API in the normal spelling, and where it stood in the document, which stays as it is; parts of it may be shared. */
export interface Unwrapped {
  readonly api: unknown;
  /** Gives the place in the document of a member of the API: the export wrapper keeps plans beside it. */
  locate(path: readonly (string | number)[]): readonly (string | number)[];
}

/** Takes the API out of an export wrapper, if there is one, and spells it in the one way the schema knows. */
export function normalizeSpelling(document: unknown): Unwrapped {
  if (!isObject(document)) return { api: document, locate: (path) => path };
  const { api, locate } = unwrapApi(document);
  renameMember(api, 'gravitee', 'definitionVersion');
  renameMember(api, 'version', 'apiVersion');
  if (typeof api.definitionVersion === 'string' && /^(v?4(\.0){0,2})$/i.test(api.definitionVersion)) {
    api.definitionVersion = '4.0.0';
  }
  if (typeof api.type === 'string') api.type = word(api.type);
  // Its name before the format had other types.
  if (api.type === 'async') api.type = 'message';
  return {
    api: spell(api, ''),
    locate,
  };
}

/** A document in the normal spelling. It stays as it is; what is spelt so already is not copied. */
export function spellMembers(document: unknown): unknown {
  return spell(document, '');
}

function spell(value: unknown, parent: string): unknown {
  if (Array.isArray(value)) return spellItems(value, parent);
  if (!isObject(value)) return value;
  let spelt: Json | undefined;
  for (const name of Object.keys(value)) {
    const member = value[name];
    const said = spellMember(name, member, parent);
    if (said === member) continue;
    // Copied first: a member may be named as one that every object inherits.
    spelt ??= { ...value };
    spelt[name] = said;
  }
  return spelt ?? value;
}

function spellItems(items: readonly unknown[], parent: string): readonly unknown[] {
  let spelt: unknown[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const said = spell(item, parent);
    if (said === item) continue;
    spelt ??= [...items];
    spelt[index] = said;
  }
  return spelt ?? items;
}

function spellMember(name: string, member: unknown, parent: string): unknown {
  if (member === null) return undefined;
  if (OPAQUE.has(name)) return asObject(member);
  if (WORDS.has(name) || (name === 'type' && TYPED.has(parent))) return word(member);
  if (name === 'operations' && Array.isArray(member)) return member.map(word);
  if (name === 'type' && PLUGINS.has(parent)) return today(member);
  return spell(member, name);
}

/** What plugins read; its spelling is theirs. An exported definition may carry it as a JSON text. */
const OPAQUE = new Set(['configuration', 'sharedConfiguration', 'sharedConfigurationOverride']);

function asObject(member: unknown): unknown {
  if (typeof member !== 'string') return member;
  try {
    return JSON.parse(member);
  } catch {
    return member;
  }
}

/** Objects whose `type` is the name of a plugin. */
const PLUGINS = new Set(['entrypoints', 'endpoints', 'endpointGroups']);

/** The name of today of an entrypoint or endpoint: 3.20 had each that could do more than another under a name of its own. */
function today(type: unknown): unknown {
  return typeof type === 'string' ? type.replace(/-advanced$/i, '') : type;
}

function word(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const lower = value.toLowerCase();
  return lower.includes('_') ? lower.replaceAll('_', '-') : lower;
}

function renameMember(object: Json, from: string, to: string): void {
  if (object[from] === undefined) return;
  object[to] ??= object[from];
  delete object[from];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
