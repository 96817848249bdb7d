/** @throws Error when a specification is one of JOLT, with how to write it in JSONata */
export function assertJsonata(specification: string): void {
  const value = parsed(specification);
  const steps: readonly unknown[] = Array.isArray(value) ? value : [value];
  const operation = steps.map(operationOf).find((found) => found !== undefined);
  if (operation === undefined) return;
  throw new Error(
    `specification: this is a JOLT specification (operation "${operation}"), which is not supported; ` +
      'write the mapping in JSONata (https://docs.jsonata.org): the shift {"id": "account.number"} is { "account": { "number": id } }',
  );
}

function operationOf(step: unknown): string | undefined {
  if (typeof step !== 'object' || step === null || !('operation' in step)) return undefined;
  return typeof step.operation === 'string' ? step.operation : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
