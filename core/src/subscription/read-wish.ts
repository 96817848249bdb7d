import { readInstant } from '../contract/instant.js';
import { type JsonPath, pointerToPath } from '../definition/problem.js';
import { compileLate, isIgnored } from '../definition/validator.js';
import { configurationProblems, isError } from '../runtime/deploy-problems.js';
import type { RunningPush, Subscribable } from '../runtime/running-push.js';
import { isObject, oneForm } from './forms.js';
import {
  SUBSCRIPTION_ID,
  SUBSCRIPTION_STATUSES,
  type SubscriptionStatus,
  type SubscriptionWish,
} from './record.js';

/** Something wrong with a subscription, and where in the document as it was given. */
export interface WishProblem {
  readonly path: JsonPath;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** A document read as a subscription; `wish` is absent when a problem is an error. */
export interface ReadWish {
  readonly id?: string;
  readonly wish?: SubscriptionWish;
  /** What the document asks for; absent when it says nothing. */
  readonly status?: SubscriptionStatus;
  readonly problems: readonly WishProblem[];
}

const MOMENT = {
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'integer', minimum: 0 },
  ],
};

/** JSON Schema of a subscription as it is asked for, in the one spelling. */
export const WISH_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['configuration'],
  properties: {
    $schema: { type: 'string' },
    id: { type: 'string' },
    api: { type: 'string', minLength: 1 },
    plan: { type: 'string', minLength: 1 },
    application: { type: 'string', minLength: 1 },
    type: { enum: ['PUSH'] },
    status: { enum: SUBSCRIPTION_STATUSES },
    configuration: {
      type: 'object',
      additionalProperties: false,
      required: ['entrypointId', 'entrypointConfiguration'],
      properties: {
        entrypointId: { type: 'string', minLength: 1 },
        channel: { type: 'string', default: '/', maxLength: 1000 },
        entrypointConfiguration: { type: 'object' },
      },
    },
    metadata: { type: 'object', default: {}, maxProperties: 100, additionalProperties: { type: 'string' } },
    startingAt: MOMENT,
    endingAt: MOMENT,
  },
};
const validate = compileLate(WISH_SCHEMA);

interface Normal {
  readonly id?: string;
  readonly api?: string;
  readonly plan?: string;
  readonly application?: string;
  readonly status?: SubscriptionStatus;
  readonly configuration: {
    readonly entrypointId: string;
    readonly channel: string;
    readonly entrypointConfiguration: Record<string, unknown>;
  };
  readonly metadata: Readonly<Record<string, string>>;
  readonly startingAt?: string | number;
  readonly endingAt?: string | number;
}

/**
 * Reads a subscription in any of its forms and checks it against the API it is for. Members that are not known are told
 * as warnings, unless they are nearly one of ours; everything else that is wrong is an error.
 * @param find the deployed API of an id
 * @param given what stands in for members that the document leaves out
 * @param unmask puts the stored secrets back where a mask stands; its problems are errors
 */
export function readWish(
  document: unknown,
  find: (apiId: string) => Subscribable | undefined,
  given: { readonly api?: string } = {},
  unmask?: (
    push: Pick<RunningPush, 'plugin'>,
    configuration: Record<string, unknown>,
  ) => readonly { pointer: string; message: string }[],
): ReadWish {
  const problems: WishProblem[] = [];
  const { value, locate } = oneForm(document);
  const report = (path: JsonPath, message: string, severity: WishProblem['severity'] = 'error') =>
    problems.push({ path: locate(path), message, severity });
  if (!isObject(value)) {
    report([], 'a subscription is a JSON object');
    return { problems };
  }
  for (const found of validate(value)) {
    const { path, message } = found;
    const ignored = isIgnored(found);
    if (ignored && path.length === 1 && SERVER_MEMBERS.has(String(path[0]))) {
      report(path, 'is kept by the gateway; what is given is ignored', 'warning');
    } else report(path, ignored ? `${message}; it is ignored` : message, ignored ? 'warning' : 'error');
  }
  if (problems.some(({ severity }) => severity === 'error')) return { problems };
  const normal = value as unknown as Normal;
  const { configuration, id, status } = normal;
  if (id !== undefined && !SUBSCRIPTION_ID.test(id)) {
    report(
      ['id'],
      'an id has 1 to 100 letters, digits, dots, hyphens and underscores, and begins with no dot',
    );
  }
  const apiId = given.api ?? normal.api;
  if (apiId === undefined) report([], 'the member "api" is missing: the id of the API that is subscribed to');
  else if (normal.api !== undefined && normal.api !== apiId) {
    report(['api'], `this subscription is for the API "${apiId}"`);
  }
  const startingAt = moment(normal.startingAt, ['startingAt'], report);
  const endingAt = moment(normal.endingAt, ['endingAt'], report);
  if (startingAt !== undefined && endingAt !== undefined && startingAt >= endingAt) {
    report(['endingAt'], 'must be later than startingAt');
  }
  const api = apiId === undefined ? undefined : find(apiId);
  if (apiId !== undefined && api === undefined) report(['api'], `no API with the id "${apiId}" is deployed`);
  if (api !== undefined) checkAgainst(api, normal, report, unmask);
  if (apiId === undefined || problems.some(({ severity }) => severity === 'error')) return { problems };
  const { channel } = configuration;
  const plan = normal.plan ?? (api?.pushPlans.size === 1 ? [...api.pushPlans.keys()][0] : undefined);
  const wish: SubscriptionWish = {
    api: apiId,
    ...(plan === undefined ? {} : { plan }),
    ...(normal.application === undefined ? {} : { application: normal.application }),
    entrypointId: configuration.entrypointId.toLowerCase(),
    channel: channel.startsWith('/') ? channel : `/${channel}`,
    entrypointConfiguration: configuration.entrypointConfiguration,
    metadata: normal.metadata,
    ...(startingAt === undefined ? {} : { startingAt }),
    ...(endingAt === undefined ? {} : { endingAt }),
  };
  return {
    wish,
    ...(id === undefined ? {} : { id }),
    ...(status === undefined ? {} : { status }),
    problems,
  };
}

/** What our own answers carry beside the wish, so that one can be sent back as it was received. */
const SERVER_MEMBERS = new Set([
  ...['consumerStatus', 'failureCause', 'failedMessage', 'skip'],
  ...['origin', 'createdAt', 'updatedAt'],
]);

type Report = (path: JsonPath, message: string, severity?: WishProblem['severity']) => void;

function checkAgainst(
  api: Subscribable,
  { plan, configuration }: Normal,
  report: Report,
  unmask: Parameters<typeof readWish>[3],
): void {
  const plans = [...api.pushPlans.keys()];
  const known =
    plans.length === 0 ? 'it has no open push plan' : `its open push plans are ${plans.join(', ')}`;
  if (plan !== undefined && !api.pushPlans.has(plan)) {
    report(['plan'], `the API "${api.id}" has no push plan "${plan}" that is open; ${known}`);
  } else if (plan === undefined && plans.length > 1) {
    report([], `the member "plan" is missing; ${known}`);
  }
  const push = api.push.find(({ plugin }) => plugin.id === configuration.entrypointId.toLowerCase());
  if (push === undefined) {
    const ids = api.push.map(({ plugin }) => plugin.id);
    const what = ids.length === 0 ? 'it has no subscription listener' : `it has ${ids.join(', ')}`;
    report(
      ['configuration', 'entrypointId'],
      `the API "${api.id}" has no push entrypoint "${configuration.entrypointId}"; ${what}`,
    );
    return;
  }
  const at: JsonPath = ['configuration', 'entrypointConfiguration'];
  const own = configuration.entrypointConfiguration;
  // Defaults and coercion first: the secrets' places are those of the complete configuration.
  const broken = push.plugin.validateSubscription(own);
  const found = configurationProblems(broken, at);
  for (const { path, message, severity } of found) report(path, message, severity);
  if (found.some(isError)) return;
  // It might be a secret that nothing knows to mask.
  for (const { path } of broken.filter(isIgnored)) leaveOut(own, path);
  const faults = [...(unmask?.(push, own) ?? []), ...(push.plugin.checkSubscription?.(own) ?? [])];
  for (const { pointer, message } of faults) report([...at, ...pointerToPath(pointer)], message);
}

function leaveOut(value: Record<string, unknown>, path: JsonPath): void {
  const holder = path.slice(0, -1).reduce<unknown>((part, step) => Object(part)[step], value);
  delete (holder as Record<string | number, unknown>)[path.at(-1) as string | number];
}

/** ISO 8601 in UTC of an instant or of milliseconds since the epoch. */
function moment(value: string | number | undefined, path: JsonPath, report: Report): string | undefined {
  if (value === undefined) return undefined;
  const at = /^\d+$/.test(String(value)) ? Number(value) : readInstant(String(value));
  const date = new Date(at ?? Number.NaN);
  if (Number.isNaN(date.getTime())) {
    const what = 'give a time such as 2026-01-31T12:00:00Z, or milliseconds since the epoch';
    report(path, `${JSON.stringify(value)} is no moment: ${what}`);
    return undefined;
  }
  return date.toISOString();
}
