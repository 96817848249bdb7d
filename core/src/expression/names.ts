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
  subscription: [
    ...['id', 'type', 'planId', 'applicationId', 'applicationName', 'clientId', 'apiProductId', 'metadata'],
  ],
};

const NO_BODY = 'a body is a message: name message.content in a publish or subscribe step';

/** Roots and members that definitions may name and that are always null, and why. */
export const ALWAYS_NULL: Readonly<Record<string, string>> = {
  dictionaries: 'there are no dictionaries; write the value as one of the properties of the API',
  'request.version': 'the version of HTTP is not kept',
  'request.localAddress': 'the address a request came to is not kept',
  'request.ssl': 'what a client shows in a TLS handshake is not kept',
  'request.content': NO_BODY,
  'request.jsonContent': NO_BODY,
  'request.xmlContent': NO_BODY,
  'response.content': NO_BODY,
  'response.jsonContent': NO_BODY,
  'response.xmlContent': NO_BODY,
  'message.error': 'a message that failed does not come to another step',
  'error.cause': 'why an error came to be is for the log alone',
  'node.zone': 'a gateway has no zone',
  'subscription.apiProductId': 'there are no API products',
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
