/** A list into a file: every row of the filter, however many pages it has, unless the person thinks better of it. */

import { onScopeDispose, ref } from "vue";

import { download, fileName } from "../download";
import { useRefusal } from "../refusal";
import { tell } from "../toast";
import { useWords } from "../words";
import type { Part } from "./columns";
import { csvOf } from "./csv";

/** Gives every row of the current filter, and tells how many it has so far. */
export type Source<Row> = (signal: AbortSignal, told: (count: number) => void) => Promise<readonly Row[]>;

export function useExport<Row>(what: () => string, source: Source<Row>) {
  const { t } = useWords();
  const sentenceOf = useRefusal();
  /** How many rows have come; null while nothing is exported. */
  const count = ref<number | null>(null);
  let running: AbortController | null = null;

  async function run(parts: readonly Part<Row>[]): Promise<void> {
    if (running) return;
    const asked = (running = new AbortController());
    count.value = 0;
    try {
      const rows = await source(asked.signal, (so) => (count.value = so));
      if (asked.signal.aborted) return;
      download(fileName(what(), "csv"), new Blob([csvOf(parts, rows)], { type: "text/csv;charset=utf-8" }));
      tell("done", t("table.exported", { n: rows.length }));
    } catch (fault) {
      if (!asked.signal.aborted) tell("failed", sentenceOf(fault));
    } finally {
      running = null;
      count.value = null;
    }
  }

  const cancel = (): void => running?.abort();
  onScopeDispose(cancel);
  return { count, run, cancel };
}
