/** Which rows of a long list are worth making: those on the screen and some beyond its edges. */

import { onBeforeUnmount, onMounted, ref, type ShallowRef, watch } from "vue";

export interface RowWindow {
  /** Rows `[first, last)` are made; the others are room above and below. */
  first: number;
  last: number;
}

const WHOLE = 120;
const SPARE = 20;
const USUAL_PX = 36;

/** The rows to make when the list's top lies at `top` of a screen `view` high [px]; a short list is made whole. */
export function windowOf(top: number, view: number, rowPx: number, count: number): RowWindow {
  if (count <= WHOLE) return { first: 0, last: count };
  const first = Math.floor(-top / rowPx) - SPARE;
  const last = Math.ceil((view - top) / rowPx) + SPARE;
  return { first: Math.min(Math.max(first, 0), count), last: Math.min(Math.max(last, 2 * SPARE), count) };
}

export function useRowWindow(body: Readonly<ShallowRef<HTMLElement | null>>, count: () => number) {
  const shown = ref<RowWindow>({ first: 0, last: Math.min(count(), WHOLE) });
  const rowPx = ref(USUAL_PX);

  function look(): void {
    const [one, next] = body.value?.querySelectorAll("[data-row]") ?? [];
    const distance = one && next ? next.getBoundingClientRect().top - one.getBoundingClientRect().top : 0;
    if (distance > 0) rowPx.value = distance;
    const now = windowOf(body.value?.getBoundingClientRect().top ?? 0, window.innerHeight, rowPx.value, count());
    if (now.first !== shown.value.first || now.last !== shown.value.last) shown.value = now;
  }

  // A scroll does not bubble: whatever box holds the list, its scrolling is seen on the way down.
  onMounted(() => {
    document.addEventListener("scroll", look, { capture: true, passive: true });
    window.addEventListener("resize", look);
    look();
  });
  onBeforeUnmount(() => {
    document.removeEventListener("scroll", look, { capture: true });
    window.removeEventListener("resize", look);
  });
  watch(count, look, { flush: "post" });
  return { shown, rowPx };
}
