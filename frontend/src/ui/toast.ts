/** Short notices: a success goes by itself after some seconds, an error stays until it is closed. */

import { ref } from "vue";

export interface Toast {
  key: number;
  kind: "done" | "failed";
  text: string;
}

export const toasts = ref<Toast[]>([]);
const SUCCESS_MS = 4_000;
let last = 0;

export function tell(kind: Toast["kind"], text: string): void {
  const key = ++last;
  toasts.value.push({ key, kind, text });
  if (kind === "done") window.setTimeout(() => dismiss(key), SUCCESS_MS);
}

export function dismiss(key: number): void {
  toasts.value = toasts.value.filter((each) => each.key !== key);
}
