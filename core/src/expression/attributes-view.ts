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
    (name) => own.member(name) ?? builtIn(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name, ctx),
    () => [...own.names(), ...Object.keys(BUILT_IN).map((name) => PREFIX + name)],
  );
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
