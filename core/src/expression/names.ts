import { closest, distance } from 'fastest-levenshtein';

/** What an expression can begin with. */
export const ROOTS = [
  'request',
  'response',
  'message',
  'context',
  'subscription',
  'api',
  'properties',
  'endpoints',
  'node',
  'secrets',
  'dictionaries',
  'error',
  'parameters',
] as const;

/** The members of the roots that have a fixed set. Some are always null here: definitions may still name them. */
export const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  request: [
    ...['id', 'transactionId', 'uri', 'path', 'pathInfo', 'pathInfos', 'paths', 'pathParams', 'contextPath'],
    ...['params', 'headers', 'method', 'scheme', 'version', 'host', 'remoteAddress', 'localAddress'],
    ...['timestamp', 'ssl', 'content', 'jsonContent', 'xmlContent'],
  ],
  response: ['status', 'headers', 'content', 'jsonContent', 'xmlContent'],
  message: [
    ...['id', 'content', 'contentLength', 'json', 'headers', 'metadata', 'attributes', 'attributeNames'],
    'error',
  ],
  context: ['attributes'],
  error: ['statusCode', 'key', 'message', 'cause', 'parameters'],
  api: ['id', 'name', 'version', 'properties', 'metadata'],
  node: ['id', 'version', 'tenant', 'shardingTags', 'zone'],
};

/** The name among `known` that was probably meant, if one is near. */
export function near(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const best = closest(name, [...known]);
  return best !== '' && distance(name, best) <= Math.max(1, Math.floor(name.length / 3)) ? best : undefined;
}

/** What is wrong with an unknown root, as a sentence. */
export function unknownRoot(name: string): string {
  const meant = near(name, ROOTS);
  return `"${name.slice(0, 64)}" is not known here${meant === undefined ? `; there is ${ROOTS.join(', ')}` : `; did you mean "${meant}"?`}`;
}

/** What is wrong with a member of a root, as a sentence, or undefined when nothing is. */
export function unknownMember(root: string, name: string): string | undefined {
  const known = MEMBERS[root];
  if (known === undefined || known.includes(name)) return undefined;
  const meant = near(name, known);
  return `${root} has no member "${name.slice(0, 64)}"${meant === undefined ? `; it has ${known.join(', ')}` : `; did you mean "${meant}"?`}`;
}
