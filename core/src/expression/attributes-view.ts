import type { ExecutionContext } from '../contract/context.js';
import { LookupView } from './view.js';

const PREFIX = 'gravitee.attribute.';

/** Attributes by their key, or by what follows `gravitee.attribute.` in it. */
export function attributesView(attributes: ReadonlyMap<string, unknown>): LookupView {
  return new LookupView(
    (name) => attributes.get(name) ?? attributes.get(PREFIX + name),
    () => attributes.keys(),
  );
}

/** The attributes of an exchange, over those that the gateway itself answers when nothing has set them. */
export function contextAttributesView(ctx: ExecutionContext): LookupView {
  const own = attributesView(ctx.attributes);
  return new LookupView(
    (name) => own.member(name) ?? builtIn(shortAttributeName(name), ctx),
    () => [...own.names(), ...Object.keys(BUILT_IN).map((name) => PREFIX + name)],
  );
}

/** An attribute's name without what the format may write before it. */
export function shortAttributeName(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

function builtIn(name: string, ctx: ExecutionContext): unknown {
  return Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name]?.(ctx) : undefined;
}

const BUILT_IN: Readonly<Record<string, (ctx: ExecutionContext) => unknown>> = {
  api: ({ api }) => api.id,
  'api.name': ({ api }) => api.name,
  plan: ({ subscription }) => subscription.planId,
  application: ({ subscription }) => subscription.applicationId,
  'user-id': ({ subscription }) => subscription.id,
  clientIdentifier: ({ clientIdentifier }) => clientIdentifier,
  'context-path': ({ request }) => request.contextPath,
  'request.method': ({ request }) => request.method,
  'request.original-url': ({ request }) => `${request.scheme}://${request.host}${request.uri}`,
};

/** Attributes that the gateway itself answers, by their short names. */
export const BUILT_IN_ATTRIBUTES: readonly string[] = Object.keys(BUILT_IN);

/** Attributes that the format has and nothing here sets. */
export const UNSET_ATTRIBUTES: readonly string[] = [
  ...['api.deployed-at', 'user.roles', 'organization', 'environment', 'resolved-path', 'mapped-path', 'sni'],
  ...[
    'quota.count',
    'quota.remaining',
    'quota.limit',
    'quota.reset.time',
    'oauth.access_token',
    'oauth.payload',
  ],
];

/** Attributes that steps set for the gateway to read. */
export const STEERING_ATTRIBUTES: readonly string[] = ['request.endpoint', 'request.endpoint.override'];
