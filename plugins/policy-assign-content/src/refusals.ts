/** What to write in place of a directive. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  if: "a condition in an expression, {#message.content != null ? 'this' : 'that'}",
  switch: "conditions in an expression, {#a == 1 ? 'this' : 'that'}",
  list: 'a mapping in JSONata, {(message.json.items.{"id": id})}',
  assign: `a policy-assign-attributes step before this one, and \${message.attributes['name']} here`,
};
const OTHER_DIRECTIVE = 'an expression: {#...}, or {(...)} in JSONata';
const DIRECTIVE = /<\/?[#@]\s*([\w.]*)/;
const BRANCHES: Readonly<Record<string, string>> = {
  else: 'if',
  elseif: 'if',
  case: 'switch',
  items: 'list',
  local: 'assign',
  global: 'assign',
};

/** @throws Error when a text has a FreeMarker directive, naming it */
export function refuseDirectives(text: string): void {
  const found = DIRECTIVE.exec(text);
  if (found === null) return;
  const name = found[1] ?? '';
  const advice = DIRECTIVES[BRANCHES[name] ?? name] ?? OTHER_DIRECTIVE;
  throw new Error(`body: the directive "${found[0]}" is not supported; write ${advice}`);
}

/** What to write in place of a built-in, as it follows its value. */
const BUILT_INS: Readonly<Record<string, string>> = {
  upper_case: 'x.toUpperCase()',
  lower_case: 'x.toLowerCase()',
  trim: 'x.trim()',
  length: 'x.length()',
  contains: "x.contains('...')",
  starts_with: "x.startsWith('...')",
  ends_with: "x.endsWith('...')",
  replace: "x.replace('...', '...')",
  c: 'x alone: numbers are written plainly',
  string: 'x alone',
  eval: 'message.json for the parsed content',
  eval_json: 'message.json for the parsed content',
  has_content: "x != null && x != ''",
};

/** @throws Error when what stands in a placeholder has a FreeMarker built-in (`x?trim`), naming it */
export function refuseBuiltIn(placeholder: string): void {
  const bare = placeholder.replace(/"[^"]*"|'[^']*'/g, "''");
  const name = /\?(\w+)/.exec(bare)?.[1];
  if (name === undefined || bare.includes(':')) return;
  const advice = BUILT_INS[name] ?? 'a function of JSONata in {(...)}';
  throw new Error(`body: the built-in "?${name}" of \${${placeholder}} is not supported; write ${advice}`);
}
