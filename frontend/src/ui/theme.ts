/** Light, dark, or as the system says; remembered on this machine. */

import { ref, watchEffect } from "vue";

export type Theme = "system" | "light" | "dark";
const KEPT_AS = "plume.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

export const theme = ref<Theme>((localStorage.getItem(KEPT_AS) as Theme | null) ?? "system");
/** What is on the screen now; canvases redraw by it. */
export const shown = ref<"light" | "dark">("light");
const systemDark = ref(dark.matches);
dark.addEventListener("change", (event) => (systemDark.value = event.matches));

watchEffect(() => {
  shown.value = theme.value === "system" ? (systemDark.value ? "dark" : "light") : theme.value;
  document.documentElement.dataset["theme"] = shown.value;
  localStorage.setItem(KEPT_AS, theme.value);
}, { flush: "sync" });

/** Give a token's colour as it is now. */
export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
