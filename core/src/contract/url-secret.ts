/** A part of a path that nobody chose as a word: long, with digits or letters of both cases, as in callbacks of chat services. */
const TOKEN = /^(?=.{16})(?=.*\d|.*[a-z].*[A-Z]|.*[A-Z].*[a-z])/;

/**
 * Where in an http URL that which may be secret begins: a user and password, a part of the path that looks like a token, or the query, whichever
 * comes first. Undefined where there is none. What stands before it says where the URL leads and may be shown.
 */
export function secretFrom(url: string): number | undefined {
  const scheme = /^https?:\/\//i.exec(url)?.[0];
  if (scheme === undefined) return undefined;
  const hostEnd = endOf(url, /[/?#]/, scheme.length);
  if (url.slice(scheme.length, hostEnd).includes('@')) return scheme.length;
  const pathEnd = endOf(url, /[?#]/, hostEnd);
  let at = hostEnd;
  for (const part of url.slice(hostEnd, pathEnd).split('/')) {
    if (TOKEN.test(part)) return at;
    at += part.length + 1;
  }
  return pathEnd < url.length ? pathEnd + 1 : undefined;
}

function endOf(text: string, pattern: RegExp, from: number): number {
  const found = text.slice(from).search(pattern);
  return found < 0 ? text.length : from + found;
}
