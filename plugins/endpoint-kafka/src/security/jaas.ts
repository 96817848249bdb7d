/** One entry of a JAAS configuration, as Kafka's `sasl.jaas.config` holds it. */
export interface JaasEntry {
  /** The last part of the login module's class name, such as `ScramLoginModule`. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Thrown by {@link parseJaas}. Its message says where and what, and never holds a value of the text. */
export class JaasError extends Error {}

interface Token {
  readonly kind: 'word' | 'quoted' | '=' | ';';
  readonly text: string;
  /** Counted from 1. */
  readonly column: number;
}

const FLAGS = ['required', 'requisite', 'sufficient', 'optional'];
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/**
 * Reads `LoginModuleClass required name="value" other=value;` as Kafka's `JaasConfig` does: values may be quoted by
 * `"` or `'` with backslash escapes, comments are those of Java, there is one entry, and it ends in a semicolon.
 * @throws JaasError
 */
export function parseJaas(text: string): JaasEntry {
  const tokens = tokensOf(text);
  let at = 0;
  const next = (what: string): Token => {
    const token = tokens[at++];
    if (token === undefined) throw new JaasError(`${what} is missing at the end`);
    return token;
  };
  const word = (what: string): Token => {
    const token = next(what);
    if (token.kind !== 'word') throw new JaasError(`${what} is missing at column ${token.column}`);
    return token;
  };
  const module = word('the login module').text.split('.').at(-1) ?? '';
  const flag = word('the control flag (required)');
  if (!FLAGS.includes(flag.text.toLowerCase()))
    throw new JaasError(`the control flag (required) is missing at column ${flag.column}`);
  const options = new Map<string, string>();
  for (;;) {
    const name = next('the semicolon');
    if (name.kind === ';') break;
    if (name.kind !== 'word')
      throw new JaasError(`the name of an option is missing at column ${name.column}`);
    const equals = next(`= after ${name.text}`);
    if (equals.kind !== '=') throw new JaasError(`= is missing after ${name.text}`);
    const value = next(`the value of ${name.text}`);
    if (value.kind !== 'word' && value.kind !== 'quoted')
      throw new JaasError(`the value of ${name.text} is missing`);
    if (options.has(name.text)) throw new JaasError(`${name.text} stands there twice`);
    options.set(name.text, value.text);
  }
  const more = tokens[at];
  if (more !== undefined)
    throw new JaasError(`one login module may be given; another begins at column ${more.column}`);
  return { module, options };
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[=;]|[^\s=;"']+|["']/y;
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    const column = at + 1;
    at += found.length;
    if (found === '"' || found === "'") {
      const quoted = readQuoted(text, at, found);
      at = quoted.end;
      tokens.push({ kind: 'quoted', text: quoted.text, column });
    } else if (found === '=' || found === ';') tokens.push({ kind: found, text: found, column });
    else if (!/^(\s|\/\/|\/\*)/.test(found)) tokens.push({ kind: 'word', text: found, column });
  }
  return tokens;
}

function readQuoted(
  text: string,
  start: number,
  quote: string,
): { readonly text: string; readonly end: number } {
  let value = '';
  for (let at = start; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === quote) return { text: value, end: at + 1 };
    if (char !== '\\') value += char;
    else {
      const escaped = text[++at] ?? '';
      value += ESCAPES[escaped] ?? escaped;
    }
  }
  throw new JaasError(`the quote that opens at column ${start} is not closed`);
}
