/** Lists whole, page by page. */

import { get, type Query } from "./client";
import type { Page } from "./resources";

export const MOST_PER_PAGE = 200;

export interface Manner<Item> {
  signal?: AbortSignal;
  /** How many items a page holds at most. */
  most?: number;
  /** Heard after each page, with the number of items so far. */
  told?: (count: number) => void;
  /** Says of a page that no later one is needed. */
  enough?: (page: readonly Item[]) => boolean;
}

export async function everyItem<Item>(path: string, query: Query, { signal, most = MOST_PER_PAGE, told, enough }: Manner<Item> = {}): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await get(path, { ...query, limit: most, cursor }, signal);
    items.push(...page.items);
    told?.(items.length);
    cursor = enough?.(page.items) ? null : page.nextCursor;
  } while (cursor);
  return items;
}
