import type { SubscribeRequest } from '@sluice/core';

/** A wish to read, with whose it is. */
export interface ReadRequest extends SubscribeRequest {
  /** Whose share it takes from: `ExecutionContext.client`. */
  readonly client: string;
}
