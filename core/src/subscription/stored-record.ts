import { createHash } from 'node:crypto';
import { formatPath } from '../definition/problem.js';
import { compileLate } from '../definition/validator.js';
import {
  CONSUMER_STATUSES,
  SUBSCRIPTION_STATUSES,
  type SubscriptionRecord,
  type SubscriptionState,
} from './record.js';

const text = { type: 'string', minLength: 1 };
const state = {
  status: { enum: SUBSCRIPTION_STATUSES },
  consumerStatus: { enum: CONSUMER_STATUSES },
  failureCause: { type: 'string' },
  failedMessage: { type: 'string' },
  skip: { type: 'string' },
};

/** JSON Schema of a stored subscription that came over the management API. */
export const RECORD_SCHEMA = {
  type: 'object',
  required: [
    'api',
    'entrypointId',
    'channel',
    'entrypointConfiguration',
    'metadata',
    'status',
    'consumerStatus',
  ],
  properties: {
    api: text,
    entrypointId: text,
    channel: text,
    entrypointConfiguration: { type: 'object' },
    metadata: { type: 'object', additionalProperties: { type: 'string' } },
    ...state,
  },
};
const validateRecord = compileLate(RECORD_SCHEMA);
/** JSON Schema of a stored {@link DeclaredState}. */
export const STATE_SCHEMA = {
  type: 'object',
  required: ['declaration', 'status', 'consumerStatus'],
  properties: { declaration: text, ...state },
};
const validateState = compileLate(STATE_SCHEMA);

/** The state of a subscription that a file declares, and by which text: another text's state is not taken over. */
export type DeclaredState = SubscriptionState & { readonly declaration: string };

/** What is stored of a subscription. Of one that a file declares only its state: its secrets stay in the file. */
export function stored(record: SubscriptionRecord): object {
  if (record.origin === 'api') return record;
  const { status, consumerStatus, failureCause, failedMessage, skip, origin, createdAt, updatedAt, ...wish } =
    record;
  const declaration = createHash('sha256').update(JSON.stringify(wish)).digest('hex');
  const texts = Object.entries({ failureCause, failedMessage, skip }).filter(
    ([, text]) => text !== undefined,
  );
  return { declaration, status, consumerStatus, ...Object.fromEntries(texts) };
}

/** What {@link stored} made, or in words why it cannot be that. */
export function readStored(id: string, document: unknown): SubscriptionRecord | DeclaredState | string {
  const declared = typeof document === 'object' && document !== null && 'declaration' in document;
  const [problem] = (declared ? validateState : validateRecord)(document);
  if (problem !== undefined) return `${formatPath(problem.path)}: ${problem.message}`;
  if (declared) return document as DeclaredState;
  const record = document as SubscriptionRecord;
  return { ...record, id, origin: 'api' };
}
