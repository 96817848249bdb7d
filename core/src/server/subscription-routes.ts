import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { parseJson } from '../contract/json.js';
import { isObject } from '../subscription/forms.js';
import { SubscriptionRefusal } from '../subscription/refusal.js';
import type { Subscriptions } from '../subscription/subscriptions.js';

const MAX_BODY_BYTES = 1024 * 1024;

/** The part of the management API that keeps subscriptions. Secrets are masked in every answer. */
export function subscriptionRoutes(subscriptions: Subscriptions): Hono {
  const app = new Hono();
  const all = '/apis/:api/subscriptions';
  const one = `${all}/:id`;
  const api = (c: Context) => c.req.param('api') ?? '';
  const id = (c: Context) => c.req.param('id') ?? '';

  app.use(
    `${all}/*`,
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => {
        // What is left of the body is not read.
        c.header('Connection', 'close');
        return refusal(c, 413, `A body has at most ${MAX_BODY_BYTES} bytes`);
      },
    }),
  );
  app.get(all, (c) => c.json(subscriptions.list(api(c))));
  app.post(all, async (c) => {
    const made = await subscriptions.create(api(c), await jsonBody(c));
    return c.json(made.view, 201, {
      Location: `/apis/${encodeURIComponent(api(c))}/subscriptions/${made.id}`,
    });
  });
  app.get(one, (c) => c.json(subscriptions.get(api(c), id(c))));
  app.put(one, async (c) => c.json(await subscriptions.update(api(c), id(c), await jsonBody(c), false)));
  app.patch(one, async (c) => c.json(await subscriptions.update(api(c), id(c), await jsonBody(c), true)));
  app.delete(one, async (c) => {
    await subscriptions.remove(api(c), id(c));
    return c.body(null, 204);
  });
  app.post(`${one}/pause`, async (c) => c.json(await subscriptions.pause(api(c), id(c))));
  app.post(`${one}/resume`, async (c) => c.json(await subscriptions.resume(api(c), id(c), await skipOf(c))));
  app.onError((error, c) => {
    if (error instanceof SubscriptionRefusal) return refusal(c, error.status, error.message);
    if (error instanceof BadBody) return refusal(c, error.status, error.message);
    throw error;
  });
  return app;
}

class BadBody extends Error {
  constructor(
    readonly status: 400 | 415,
    message: string,
  ) {
    super(message);
  }
}

/** The message that a resumed subscription leaves out: `{"skip": "its id"}`; undefined without a body. @throws BadBody */
async function skipOf(c: Context): Promise<string | undefined> {
  if ((await c.req.text()) === '') return undefined;
  const body = await jsonBody(c);
  const known = isObject(body) && Object.keys(body).every((name) => name === 'skip');
  const skip = known ? body.skip : null;
  if (skip !== undefined && typeof skip !== 'string') {
    throw new BadBody(400, '$: the body is empty, or {"skip": "the failedMessage of the subscription"}');
  }
  return skip;
}

async function jsonBody(c: Context): Promise<unknown> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) {
    throw new BadBody(415, 'The body must be JSON, with Content-Type: application/json');
  }
  try {
    return parseJson(await c.req.text());
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadBody(400, `The body is not valid JSON: ${error.message}`);
    throw error;
  }
}

function refusal(c: Context, status: 400 | 404 | 409 | 413 | 415 | 503, message: string): Response {
  return c.json({ message, http_status_code: status }, status);
}
