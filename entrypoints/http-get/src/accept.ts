import { SluiceError } from '@sluice/core';

/** What this entrypoint writes; `octet-stream` is one message alone. */
export type Media = 'json' | 'xml' | 'text' | 'octet-stream';

const MEDIA = new Map<string, Media>([
  ['application/json', 'json'],
  ['application/xml', 'xml'],
  ['text/plain', 'text'],
  ['application/octet-stream', 'octet-stream'],
]);
/** A range stands for the first of its types that is not refused by `q=0`. */
const RANGES: Readonly<Record<string, readonly string[]>> = {
  '*/*': ['application/json', 'application/xml', 'text/plain'],
  'application/*': ['application/json', 'application/xml'],
  'text/*': ['text/plain'],
};

/**
 * The media type to answer with (RFC 9110 §12.5.1): of those named the one with the highest weight, in the order sent
 * among equals; then what a range allows. Without an Accept header, or with an empty one, it is text.
 * @throws SluiceError `UNSUPPORTED_ACCEPT`
 */
export function chooseMedia(accept: readonly string[] | undefined): Media {
  const ranges = (accept ?? []).flatMap((value) => value.split(',')).flatMap(parseRange);
  if (ranges.length === 0) return 'text';
  const wanted = ranges.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
  const refused = new Set(ranges.filter(({ weight }) => weight === 0).map(({ type }) => type));
  const named = wanted.map(({ type }) => type).filter((type) => MEDIA.has(type));
  const allowed = wanted.flatMap(({ type }) => RANGES[type] ?? []).filter((type) => !refused.has(type));
  const media = MEDIA.get(named[0] ?? allowed[0] ?? '');
  if (media !== undefined) return media;
  const message = `Unsupported accept header: [${(accept ?? []).join(', ')}]; it may name ${[...MEDIA.keys()].join(', ')}`;
  throw new SluiceError('UNSUPPORTED_ACCEPT', { message });
}

/** A weight that is none counts as 1, as if it were not there. */
function parseRange(text: string): readonly { readonly type: string; readonly weight: number }[] {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  if (type === '') return [];
  const q = parameters.map((parameter) => /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(parameter)?.[1]);
  const given = q.find((weight) => weight !== undefined);
  return [{ type, weight: given === undefined ? 1 : Number(given) }];
}
