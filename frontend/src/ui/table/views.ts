/** Views of a list under a name: filters, columns and order as one address, kept for the person, given on as a link. */

import { computed } from "vue";
import { useRoute } from "vue-router";

import { useKept } from "../kept";
import { useUrl } from "../url";

export interface View {
  name: string;
  query: Record<string, string>;
}

const MOST = 30;

/** `opened` are the keys of the address that tell what stands open beside the list, and no view. */
export function useViews(list: string, opened: () => readonly string[], columns: () => readonly string[]) {
  const route = useRoute();
  const { read, write } = useUrl();
  const views = useKept<View[]>(`views.${list}`, []);

  const filters = (): Record<string, string> =>
    Object.fromEntries(Object.keys(route.query).filter((key) => !opened().includes(key)).map((key) => [key, read(key)]));
  const now = computed(() => ({ ...filters(), cols: columns().join(",") }));
  const isNow = (view: View): boolean => same(view.query, now.value);

  function save(name: string): void {
    views.value = [{ name, query: now.value }, ...views.value.filter((each) => each.name !== name)].slice(0, MOST);
  }
  function open(view: View): void {
    const emptied = Object.fromEntries(Object.keys(route.query).map((key) => [key, ""]));
    void write({ ...emptied, ...view.query });
  }
  const forget = (name: string): void => void (views.value = views.value.filter((each) => each.name !== name));
  const link = (): string => `${window.location.origin}${route.path}?${new URLSearchParams(now.value).toString()}`;
  return { views, isNow, save, open, forget, link };
}

function same(one: Record<string, string>, other: Record<string, string>): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => (one[key] ?? "") === (other[key] ?? ""));
}
