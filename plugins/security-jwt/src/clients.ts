import type { ConfigSchema } from '@sluice/core';

/** A client that has a subscription to a plan, as a `*.jwt-clients.json` file has it. */
export interface ClientEntry {
  /** What the claim of the client says. */
  readonly clientId: string;
  readonly application?: string;
  readonly applicationName?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** JSON Schema of a `*.jwt-clients.json` file. */
export const CLIENTS_FILE_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['api', 'plan', 'clients'],
  properties: {
    $schema: { type: 'string' },
    api: { type: 'string', minLength: 1 },
    plan: { type: 'string', minLength: 1 },
    clients: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['clientId'],
        properties: {
          clientId: { type: 'string', minLength: 1, maxLength: 200 },
          application: { type: 'string' },
          applicationName: { type: 'string' },
          metadata: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
        },
      },
    },
  },
};

/** The clients of some files by what their claim says. @throws Error when one is there twice */
export function clientsById(
  files: readonly Readonly<Record<string, unknown>>[],
): ReadonlyMap<string, ClientEntry> {
  const clients = new Map<string, ClientEntry>();
  for (const entry of files.flatMap((file) => file.clients as readonly ClientEntry[])) {
    if (clients.has(entry.clientId)) throw new Error(`the client "${entry.clientId}" is there twice`);
    clients.set(entry.clientId, entry);
  }
  return clients;
}
