/** What a person keeps on this machine; whoever logs in next does not meet it. */

import { computed, ref, type WritableComputedRef } from "vue";

import { useMe } from "@/api/queries";

const changes = ref(0);

export function useKept<Value>(name: string, otherwise: Value): WritableComputedRef<Value> {
  const { data: me } = useMe();
  const place = () => `plume.${me.value?.personId ?? ""}.${name}`;
  return computed({
    get: () => (changes.value >= 0 ? readKept(place(), otherwise) : otherwise),
    set: (value) => {
      localStorage.setItem(place(), JSON.stringify(value));
      changes.value += 1;
    },
  });
}

/** What an older or a broken page left behind is nothing. */
export function readKept<Value>(place: string, otherwise: Value): Value {
  try {
    const found = JSON.parse(localStorage.getItem(place) ?? "null") as Value | null;
    return found !== null && Array.isArray(found) === Array.isArray(otherwise) && typeof found === typeof otherwise ? found : otherwise;
  } catch (fault) {
    if (fault instanceof SyntaxError) return otherwise;
    throw fault;
  }
}
