import {
  definePolicy,
  type ExecutionContext,
  type MaybePromise,
  type Message,
  type MessageHeader,
  type Policy,
} from '@sluice/core';
import { TRANSFORM_HEADERS_SCHEMA, type TransformHeadersConfig } from './config.js';
import { assertHttpHeaders, compileHeaders, evaluateHeaders, type Header } from './templates.js';

/**
 * Sets, appends, then removes headers: of the request or the response in their phases, of each message in the others.
 * Names are compared ignoring case.
 */
export default definePolicy<TransformHeadersConfig>({
  kind: 'policy',
  id: 'transform-headers',
  formatOptions: 'all',
  aliases: ['policy-transform-headers'],
  phases: ['request', 'response', 'publish', 'subscribe'],
  schema: TRANSFORM_HEADERS_SCHEMA,
  create(config, { expressions }): Policy {
    const added = compileHeaders(config.addHeaders, expressions);
    const appended = compileHeaders(config.appendHeaders, expressions);
    const removed = new Set(config.removeHeaders.map((name) => name.toLowerCase()));
    const kept = new Set(config.whitelistHeaders.map((name) => name.toLowerCase()));
    const removes = removed.size + kept.size > 0;
    const stays = (name: string) =>
      !removed.has(name.toLowerCase()) && (kept.size === 0 || kept.has(name.toLowerCase()));

    type Evaluated = readonly [set: readonly Header[], more: readonly Header[]];
    const evaluate = (ctx: ExecutionContext, message?: Message): MaybePromise<Evaluated> => {
      const set = evaluateHeaders(added, ctx, message);
      const more = evaluateHeaders(appended, ctx, message);
      return set instanceof Promise || more instanceof Promise ? Promise.all([set, more]) : [set, more];
    };
    const change = (
      headers: Map<string, readonly string[]>,
      [set, more]: Evaluated,
      spelling?: Map<string, string>,
    ) => {
      assertHttpHeaders(set);
      assertHttpHeaders(more);
      for (const [name] of set) spelling?.set(name.toLowerCase(), name);
      for (const [name] of more) {
        if (!headers.has(name.toLowerCase())) spelling?.set(name.toLowerCase(), name);
      }
      for (const [name, value] of set) headers.set(name.toLowerCase(), [value]);
      for (const [name, value] of more) {
        headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
      }
      // A name that is deleted while they are gone through is not come to again.
      if (removes) for (const name of headers.keys()) if (!stays(name)) headers.delete(name);
    };
    const onMap = (
      headers: Map<string, readonly string[]>,
      ctx: ExecutionContext,
      spelling?: Map<string, string>,
    ): MaybePromise<void> => {
      const evaluated = evaluate(ctx);
      if (evaluated instanceof Promise) return evaluated.then((all) => change(headers, all, spelling));
      change(headers, evaluated, spelling);
    };
    const write = (message: Message, [set, more]: Evaluated): Message => {
      // Of headers set twice the last one stays, as it does in a request.
      const replaced = new Map(set.map((header) => [header[0].toLowerCase(), header]));
      const before = message.headers.filter(([name]) => !replaced.has(name.toLowerCase()));
      const written = [...replaced.values(), ...more].map(
        ([name, value]): MessageHeader => [name, Buffer.from(value)],
      );
      const headers = [...before, ...written].filter(([name]) => stays(name));
      const { id, key, content, timestampMs, metadata, attributes } = message;
      const rest = attributes === undefined ? {} : { attributes };
      return { id, key, content, headers, timestampMs, metadata, ...rest };
    };
    const onMessage = (message: Message, ctx: ExecutionContext): MaybePromise<Message> => {
      const evaluated = evaluate(ctx, message);
      // A wait per message costs more than the headers do.
      return evaluated instanceof Promise
        ? evaluated.then((headers) => write(message, headers))
        : write(message, evaluated);
    };
    return {
      onRequest: (ctx) => onMap(ctx.request.headers, ctx, ctx.request.headerNames),
      onResponse: (ctx, response) => onMap(response.headers, ctx),
      onPublish: onMessage,
      onSubscribe: onMessage,
    };
  },
});
