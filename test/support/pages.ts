import { expect } from 'vitest';

/** A page of http-get, as JSON shows it. */
export interface Page {
  readonly items: readonly {
    readonly id?: string;
    readonly content?: string | null;
    readonly encoding?: 'base64';
    readonly error?: object;
    readonly headers?: Readonly<Record<string, readonly unknown[]>>;
    readonly metadata?: Readonly<Record<string, string | number>>;
  }[];
  readonly gaps?: readonly object[];
  readonly error?: { readonly id: string; readonly content: string; readonly metadata?: object };
  readonly pagination?: { readonly nextCursor?: string; readonly limit?: string };
}

/** What a test asks of a page. */
export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit?: number;
  readonly since?: string;
  /** `Prefer: wait`, seconds. */
  readonly wait?: number;
}

/** Gets one page as JSON; it must be answered 200. */
export async function getPage(url: string, { wait, ...query }: PageQuery = {}): Promise<Page> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const asked = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  const headers = { accept: 'application/json', ...(wait === undefined ? {} : { prefer: `wait=${wait}` }) };
  const response = await fetch(`${url}?${asked}`, { headers });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as Page;
}
