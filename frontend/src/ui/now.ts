/** The clock of the page: one for all, a tick a second. */

import { onScopeDispose, ref } from "vue";

export const now = ref(Date.now());
let watchers = 0;
let timer: number | undefined;

/** Let the component follow the clock while it lives. */
export function useNow() {
  if (watchers++ === 0) timer = window.setInterval(() => (now.value = Date.now()), 1_000);
  onScopeDispose(() => {
    if (--watchers === 0) window.clearInterval(timer);
  });
  return now;
}
