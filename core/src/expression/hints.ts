import { ROOTS } from './names.js';

const TYPES: readonly (readonly [type: RegExp, hint: string])[] = [
  [/Math$/, '$random(), $round(x), $floor(x), $abs(x), $max([a, b])'],
  [/UUID$/, 'request.id'],
  [/(System|Instant|Date|LocalDateTime|ZonedDateTime|Clock)$/, '$millis() or $now()'],
  [/(Integer|Long|Double|Float|BigDecimal|Number)$/, '$number(x)'],
  [/String$/, '$string(x), a & b'],
  [/Boolean$/, 'x = "true"'],
  [/Base64$/, '$base64encode(x), $base64decode(x)'],
  [/(URLEncoder|URLDecoder)$/, '$encodeUrlComponent(x), $decodeUrlComponent(x)'],
  [/(Arrays|Collections|List|Stream)$/, '[a, b]'],
];

const METHODS: Readonly<Record<string, string>> = {
  replaceAll: '$replace(x, /pattern/, "by")',
  replaceFirst: '$replace(x, /pattern/, "by", 1)',
  join: '$join(x, ",")',
  format: '"text " & x',
  charAt: '$substring(x, i, 1)',
  getBytes: '$length(x)',
  bytes: '$length(x)',
  intValue: '$number(x)',
  longValue: '$number(x)',
  parseInt: '$number(x)',
  keySet: '$keys(x)',
  values: 'x.*',
  entrySet: '$each(x, function($v, $k) { $k })',
  stream: 'x[condition].member',
  forEach: '$map(x, function($v) { $v })',
  hashCode: '$string(x)',
  getClass: '$type(x)',
  compareTo: 'a < b',
  strip: '$trim(x)',
  repeat: '$pad("", n, x)',
  count: '$count(x)',
  sum: '$sum(x)',
};

/** What to write in JSONata instead of a Java type. */
export function typeHint(type: string): string | undefined {
  return TYPES.find(([pattern]) => pattern.test(type))?.[1];
}

/** What to write in JSONata instead of a Java method. */
export function methodHint(method: string): string | undefined {
  return Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
}

/** What to write in JSONata instead of an operator of SpEL, by its symbol. */
export const SYMBOL_HINTS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  '.?[': ['selection', 'x[condition]'],
  '.^[': ['selection', 'x[condition][0]'],
  '.$[': ['selection', 'x[condition][-1]'],
  '.![': ['projection', 'x.member'],
  '^': ['the power operator', '$power(a, b)'],
  '@': ['a bean reference', ROOTS.join(', ')],
};

/** What to write in JSONata instead of an operator in letters. */
export const WORD_HINTS: Readonly<Record<string, string>> = {
  instanceof: '$type(x) = "string"',
  between: 'x >= a and x <= b',
};
