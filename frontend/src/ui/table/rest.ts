/** An order is true of a whole list only: when one is asked for, the pages that are missing are fetched first. */

import { ref, type Ref, watch } from "vue";

import type { Query } from "@/api/client";
import { everyItem } from "@/api/pages";

import { useRefusal } from "../refusal";
import { tell } from "../toast";
import { useWords } from "../words";

/** More rows than that are no list to be read; a filter makes it one. */
const MOST = 5_000;

export interface Paged<Item> {
  path: string;
  query: () => Query;
  order: Ref<string>;
  whole: () => boolean;
  /** Is given every row of the list. */
  take: (items: Item[]) => void;
}

export function useRest<Item>({ path, query, order, whole, take }: Paged<Item>): Readonly<Ref<boolean>> {
  const { t } = useWords();
  const sentenceOf = useRefusal();
  const fetching = ref(false);

  function giveUp(why: string): void {
    order.value = "";
    tell("failed", why);
  }

  /** What comes for another question than the one that now stands is nothing: it is asked anew. */
  async function fetchAll(): Promise<void> {
    const asked = query();
    fetching.value = true;
    try {
      let count = 0;
      const items = await everyItem<Item>(path, asked, { told: (so) => (count = so), enough: () => count > MOST });
      if (!same(asked, query())) return;
      if (items.length > MOST) giveUp(t("table.tooMany", { n: MOST }));
      else take(items);
    } catch (fault) {
      giveUp(sentenceOf(fault));
    } finally {
      fetching.value = false;
      if (!same(asked, query())) look();
    }
  }

  const same = (one: Query, other: Query) => JSON.stringify(one) === JSON.stringify(other);
  const look = () => void (order.value && !whole() && !fetching.value && fetchAll());
  watch([order, whole], look, { immediate: true });
  return fetching;
}
