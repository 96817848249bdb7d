/**
 * The elements of a header that is a list (RFC 9110 §5.6.1), over all its lines and in their order, without the blanks around
 * them; empty ones are left out. A comma within quotes is a part of its element. Empty when the header is absent.
 */
export function headerList(values: readonly string[] | undefined): readonly string[] {
  const elements: string[] = [];
  for (const value of values ?? []) {
    const parts = value.includes('"') ? unquotedParts(value) : value.split(',');
    for (const part of parts) {
      const element = part.trim();
      if (element !== '') elements.push(element);
    }
  }
  return elements;
}

/** Whether a header that is a list of tokens has one, in any case. */
export function hasToken(values: readonly string[] | undefined, token: string): boolean {
  return values !== undefined && headerList(values).some((element) => element.toLowerCase() === token);
}

function unquotedParts(value: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (char === '\\' && quoted) at++;
    else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      parts.push(value.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(value.slice(from));
  return parts;
}
