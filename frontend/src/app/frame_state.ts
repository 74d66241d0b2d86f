/** What the frame remembers on this machine: whether the menu is folded. */

import { defineStore } from "pinia";
import { ref, watch } from "vue";

const KEPT_AS = "plume.folded";

export const useFrameState = defineStore("frame", () => {
  const folded = ref(localStorage.getItem(KEPT_AS) === "1");
  watch(folded, (now) => localStorage.setItem(KEPT_AS, now ? "1" : "0"));
  const searching = ref(false);
  const helping = ref(false);
  return { folded, searching, helping };
});
