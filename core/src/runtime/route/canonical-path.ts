/** The characters of a path that need no encoding (RFC 3986 §3.3), and the slash. */
const PLAIN = /^[\w\-.~!$&'()*+,;=:@/]*$/;
const ESCAPE = /^[\da-fA-F]{2}$/;
const PERCENT = 0x25;

/**
 * The form in which paths are compared: characters that need no encoding are plain, all others are percent-encoded UTF-8 in
 * upper case. An encoded slash stays encoded. Encoded and plain spellings of one path have the same form.
 */
export function canonicalPath(path: string): string {
  if (PLAIN.test(path)) return path;
  const bytes = Buffer.from(path);
  let canonical = '';
  for (let at = 0; at < bytes.length; at++) {
    const hex = bytes.toString('latin1', at + 1, at + 3);
    const isEscape = bytes[at] === PERCENT && ESCAPE.test(hex);
    const byte = isEscape ? Number.parseInt(hex, 16) : (bytes[at] as number);
    if (isEscape) at += 2;
    const character = String.fromCharCode(byte);
    const isPlain = PLAIN.test(character) && !(isEscape && character === '/');
    canonical += isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return canonical;
}

/** Why no client can reach a path that a definition listens on, in words; undefined when one can. */
export function pathProblem(path: string): string | undefined {
  if (/[?#]/.test(path)) {
    return 'a path has no query and no fragment: clients send those apart, and flows select by them with a condition';
  }
  if (path.split('/').some((part) => ['.', '..'].includes(part.replaceAll(/%2e/gi, '.')))) {
    return 'clients resolve "." and ".." before they send a path: write it without them';
  }
  if (path !== path.trim() || /\p{Cc}/u.test(path)) {
    return 'clients leave out blanks at the ends of a path, and control characters';
  }
  if (path.includes('\\')) return 'clients do not send a backslash in a path: write a slash';
  if (/^https?:\/\//i.test(path))
    return 'a path begins with a slash: the scheme and the host belong to the member "host"';
  return undefined;
}

/** What of a path looks as if it meant more than it says, in words; undefined when nothing does. */
export function pathDoubt(path: string): string | undefined {
  if (!/(^|\/):\w|\{[^}]*\}|\*/.test(path)) return undefined;
  return 'a path is taken literally, and all that is below it with it: parameters and * belong to the channel of a flow';
}
