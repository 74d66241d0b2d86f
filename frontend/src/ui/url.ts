/** State that belongs to the address: filters, ranges, tabs. */

import { computed, type WritableComputedRef } from "vue";
import { type LocationQueryRaw, useRoute, useRouter } from "vue-router";

export function useUrl() {
  const route = useRoute();
  const router = useRouter();

  const read = (key: string): string => {
    const value = route.query[key];
    return (Array.isArray(value) ? value[0] : value) ?? "";
  };
  /** Several keys at once, in one step; empty text takes a key away. */
  const write = (changes: Record<string, string>): Promise<unknown> => {
    const query: LocationQueryRaw = { ...route.query, ...changes };
    for (const [key, value] of Object.entries(query)) if (!value) delete query[key];
    return router.replace({ query, hash: route.hash });
  };
  const text = (key: string, otherwise = ""): WritableComputedRef<string> =>
    computed({
      get: () => read(key) || otherwise,
      set: (value) => void write({ [key]: value === otherwise ? "" : value }),
    });
  return { read, write, text };
}
