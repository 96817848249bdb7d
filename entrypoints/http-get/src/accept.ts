import { headerList, preferredType, preferredWeight, type RequestHead, SluiceError } from '@sluice/core';

/** What this entrypoint writes; `octet-stream` is one message alone. */
export type Media = 'json' | 'xml' | 'text' | 'octet-stream';

const MEDIA = new Map<string, Media>([
  ['application/json', 'json'],
  ['application/xml', 'xml'],
  ['text/plain', 'text'],
  ['application/octet-stream', 'octet-stream'],
]);
const TYPES = [...MEDIA.keys()];
/** A wildcard asks for a page, never for one message alone. */
const NAMED_ONLY = ['application/octet-stream'];

/**
 * The media type to answer with, by the weights of the Accept header. Without one, or with an empty one, it is text.
 * @throws SluiceError `UNSUPPORTED_ACCEPT`
 */
export function chooseMedia(accept: readonly string[] | undefined): Media {
  if (headerList(accept).length === 0) return 'text';
  const media = MEDIA.get(preferredType(accept, TYPES, NAMED_ONLY) ?? '');
  if (media !== undefined) return media;
  const message = `Unsupported accept header: [${(accept ?? []).join(', ')}]; it may name ${TYPES.join(', ')}`;
  throw new SluiceError('UNSUPPORTED_ACCEPT', { message });
}

/** The weight of the best of these types, 0 to 1; 1 without an Accept header. */
export function pageWeight({ headers }: RequestHead): number {
  const accept = headers.get('accept');
  return headerList(accept).length === 0 ? 1 : preferredWeight(accept, TYPES, NAMED_ONLY);
}
