/** Responding to many alarms with one note: each for itself, so that one that is taken hinders no other. */

import { useQueryClient } from "@tanstack/vue-query";
import { computed, ref } from "vue";

import { command, get } from "@/api/client";
import { newKey } from "@/api/key";
import { hasStatus } from "@/api/problem";
import type { Alarm } from "@/api/resources";
import { tell } from "@/ui/toast";
import { useWords } from "@/ui/words";

export const mayRespond = (alarm: Alarm): boolean => alarm.commands.includes("acknowledge");

interface Tally {
  done: number;
  taken: number;
  failed: number;
}

export function useBatch(rows: () => readonly Alarm[], changed: (alarm: Alarm) => void) {
  const { t } = useWords();
  const queries = useQueryClient();
  const picked = ref<ReadonlySet<string>>(new Set());
  const busy = ref(false);
  const asking = ref(false);
  /** What is picked, shown, and still open: an alarm that someone else took meanwhile falls out by itself. */
  const chosen = computed(() => rows().filter((each) => picked.value.has(each.alarmId) && mayRespond(each)));
  const keys = new Map<string, string>();

  function pick(ids: readonly string[], on: boolean): void {
    const next = new Set(picked.value);
    for (const id of ids) if (on) next.add(id);
      else next.delete(id);
    picked.value = next;
  }

  /** What is said is picked no more, and said anew under a new key, should the alarm ever await a response again. */
  function said(alarmId: string): void {
    keys.delete(alarmId);
    pick([alarmId], false);
  }

  /** The same key again when it is pressed again after a failure: what has been said once is not said twice. */
  async function respond({ alarmId }: Alarm, reason: string): Promise<keyof Tally> {
    const key = keys.get(alarmId) ?? newKey();
    keys.set(alarmId, key);
    const path = `/alarms/${encodeURIComponent(alarmId)}`;
    try {
      changed(await command<Alarm>(`${path}/acknowledge`, { reason }, key));
      said(alarmId);
      return "done";
    } catch (fault) {
      if (!hasStatus(fault, 409)) return "failed";
      said(alarmId);
      await renew(path);
      return "taken";
    }
  }

  /** Show what someone else made of it; if that cannot be had now, the others go on, and the list shows it when it is asked for again. */
  async function renew(path: string): Promise<void> {
    const now = await get<Alarm>(path).catch(() => null);
    if (now) changed(now);
  }

  async function confirm(reason: string): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    const tally: Tally = { done: 0, taken: 0, failed: 0 };
    try {
      for (const alarm of chosen.value.slice()) tally[await respond(alarm, reason)] += 1;
      tell(tally.failed ? "failed" : "done", t("alarms.batchDone", { ...tally }));
      asking.value = tally.failed > 0;
    } finally {
      busy.value = false;
      void queries.invalidateQueries({ queryKey: ["api"] });
    }
  }

  return { picked, chosen, pick, busy, asking, confirm, clear: () => (picked.value = new Set()) };
}
