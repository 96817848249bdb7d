import { descriptive, type FormatMember, honoured } from './fate.js';
import { flowMembers } from './flows.js';

const PLANS = 'test/contract/plans.test.ts';

/** Members of plans. */
export const PLAN_MEMBERS: readonly FormatMember[] = [
  ['plans[].id', honoured('Its name when absent.', PLANS)],
  ['plans[].name', descriptive('')],
  ['plans[].security.type', honoured('`key-less`, `api-key`, `jwt`.', PLANS)],
  ['plans[].security.configuration', honoured('See the page of the security.', 'test/contract/jwt.test.ts')],
  ['plans[].mode', honoured('', 'test/contract/subscriptions.test.ts')],
  ['plans[].status', honoured('`published` and `deprecated` are in use.', PLANS)],
  ['plans[].selectionRule', honoured('', 'test/contract/token-rules.test.ts')],
  ['plans[].operations', honoured('Ours: what the plan allows.', PLANS)],
  ['plans[].tags', honoured('With the setting `tags` of the gateway.', 'test/contract/tags.test.ts')],
  ...flowMembers('plans[].flows'),
];
