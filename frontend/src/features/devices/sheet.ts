/** A sheet of outlets on its way: chosen, checked, registered, and then waiting for first frames. */

import { useQueryClient } from "@tanstack/vue-query";
import { computed, ref } from "vue";

import { command, get } from "@/api/client";
import { newKey } from "@/api/key";
import type { SheetFile, SheetReport } from "@/api/resources";
import { download } from "@/ui/download";
import { useRefusal } from "@/ui/refusal";
import { useWords } from "@/ui/words";

export const MOST_BYTES = 4 * 1024 * 1024;

export function useSheet() {
  const { t } = useWords();
  const sentenceOf = useRefusal();
  const queries = useQueryClient();
  const name = ref("");
  const report = ref<SheetReport | null>(null);
  const busy = ref(false);
  const refusal = ref("");
  let content = "";
  let key = "";

  const faultyRows = computed(() => new Set(report.value?.faults.map((fault) => fault.row)).size);

  async function check(file: File): Promise<void> {
    name.value = file.name;
    report.value = null;
    if (file.size > MOST_BYTES) {
      refusal.value = t("devices.tooLarge");
      return;
    }
    content = base64(new Uint8Array(await file.arrayBuffer()));
    key = newKey();
    await ask("check", {});
  }

  const register = (): Promise<void> => ask("register", { skipFaulty: faultyRows.value > 0 });

  async function ask(what: string, more: object): Promise<void> {
    busy.value = true;
    refusal.value = "";
    try {
      report.value = await command<SheetReport>(`/onboarding/${what}`, { content, ...more }, `${key}-${what}`);
    } catch (fault) {
      refusal.value = sentenceOf(fault);
    } finally {
      busy.value = false;
      if (what === "register") void queries.invalidateQueries();
    }
  }

  async function fetchEmpty(): Promise<void> {
    refusal.value = "";
    try {
      save(await get<SheetFile>("/onboarding/sheet"));
    } catch (fault) {
      refusal.value = sentenceOf(fault);
    }
  }

  return { name, report, busy, refusal, faultyRows, check, register, fetchEmpty };
}

/** Let the browser keep a file. */
export function save(file: SheetFile): void {
  const bytes = Uint8Array.from(atob(file.content), (letter) => letter.charCodeAt(0));
  download(file.name, new Blob([bytes]));
}

export function base64(bytes: Uint8Array): string {
  const letters: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) letters.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(letters.join(""));
}
