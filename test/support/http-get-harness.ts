import type { EntrypointHarness } from '@sluice/core/testing';
import { httpGet } from './plugins.js';

interface Page {
  readonly items: readonly { readonly id?: string; readonly content: string }[];
}

/** How the conformance suite speaks to the `http-get` entrypoint: each of its streams is one page. */
export const httpGetHarness: EntrypointHarness = {
  plugin: httpGet,
  configuration: { messagesLimitCount: 50, messagesLimitDurationMs: 200 },
  pageSize: 50,
  request: ({ cursor }) => ({
    method: 'GET',
    headers: new Map([['accept', ['application/json']]]),
    query: new URLSearchParams(cursor === undefined ? {} : { cursor }),
  }),
  parse: (text) =>
    text === ''
      ? []
      : (JSON.parse(text) as Page).items.map(({ content, id }) => ({ content, cursor: id ?? null })),
};
