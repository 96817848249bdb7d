import type { Delivery, GapNotice } from '@sluice/core';
import type { Item, Shown } from './item.js';

/** What a page says beside its items. */
export interface PageRest {
  /** What retention has removed between the client's cursor and the first item. */
  readonly gaps: readonly GapNotice[];
  /** Why the reading ended early. */
  readonly error?: Item;
  readonly nextCursor: string | null;
  /** As the query had it. */
  readonly limit?: string;
}

/** How a page is written. Items are written one by one, so that a page can end by its size. */
export interface PageFormat {
  readonly contentType: string;
  delivery(delivery: Delivery, shown: Shown): string;
  /** @param items as {@link delivery} wrote them */
  page(items: readonly string[], rest: PageRest): string;
}
