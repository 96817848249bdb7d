import { type ExecutionContext, isCredentialHeader } from '@sluice/core';

/** A name with one value is that value, with several a list of them. */
export type Members = Readonly<Record<string, unknown>>;

/** Parameters as members; one without a value is `true`, as Kong has it. */
export function uriArguments(query: URLSearchParams): Members {
  return membersOf([...query].map(([name, value]) => [name, value === '' ? true : value]));
}

/** Headers as members, names in lower case. */
export function headersOf(ctx: ExecutionContext): Members {
  return membersOf(
    [...ctx.request.headers]
      .filter(([name]) => !isCredentialHeader(name, ctx))
      .flatMap(([name, values]) => values.map((value): [string, unknown] => [name, value])),
  );
}

/** Pairs as members, in the order of their first appearance. */
export function membersOf(pairs: readonly (readonly [name: string, value: unknown])[]): Members {
  const lists = new Map<string, unknown[]>();
  for (const [name, value] of pairs) {
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [value]);
    else list.push(value);
  }
  // Without a prototype `__proto__` is a name like any other.
  const members: Record<string, unknown> = Object.create(null);
  for (const [name, list] of lists) members[name] = list.length === 1 ? list[0] : list;
  return members;
}
