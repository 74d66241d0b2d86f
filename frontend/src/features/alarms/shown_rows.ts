/** The rows on the screen. New alarms wait behind a bar; what is shown changes in place and never moves. */

import { computed, ref } from "vue";

import type { Alarm } from "@/api/resources";

export function useShownRows() {
  const rows = ref<Alarm[]>([]);
  const waiting = ref<Alarm[]>([]);
  const fresh = ref(new Set<string>());
  const count = computed(() => waiting.value.length);

  /** A new question: its first page takes the place of everything. */
  function replace(first: readonly Alarm[]): void {
    rows.value = [...first];
    waiting.value = [];
    fresh.value = new Set();
  }

  /** The newest first page again: known rows are renewed where they stand, others wait. */
  function renew(first: readonly Alarm[]): void {
    if (rows.value.length === 0) return replace(first);
    const newest = new Map(first.map((alarm) => [alarm.alarmId, alarm]));
    rows.value = rows.value.map((row) => newest.get(row.alarmId) ?? row);
    const known = new Set(rows.value.map((row) => row.alarmId));
    const last = rows.value.at(-1)?.updatedAt ?? "";
    waiting.value = first.filter((alarm) => !known.has(alarm.alarmId) && alarm.updatedAt >= last);
  }

  function showWaiting(): void {
    fresh.value = new Set(waiting.value.map((alarm) => alarm.alarmId));
    rows.value = [...waiting.value, ...rows.value];
    waiting.value = [];
  }

  /** The next page, below. */
  function append(more: readonly Alarm[]): void {
    const known = new Set(rows.value.map((row) => row.alarmId));
    rows.value = [...rows.value, ...more.filter((alarm) => !known.has(alarm.alarmId))];
  }

  function put(changed: Alarm): void {
    rows.value = rows.value.map((row) => (row.alarmId === changed.alarmId ? changed : row));
  }

  return { rows, count, fresh, replace, renew, showWaiting, append, put };
}
