/** Acting on an alarm, to respond or to say that its cause is gone: once, however often it is pressed. */

import { useQueryClient } from "@tanstack/vue-query";
import { ref } from "vue";

import { command } from "@/api/client";
import { newKey } from "@/api/key";
import { hasStatus } from "@/api/problem";
import { get } from "@/api/client";
import type { Alarm } from "@/api/resources";
import { useRefusal } from "@/ui/refusal";
import { tell } from "@/ui/toast";
import { useWords } from "@/ui/words";

export type Act = "acknowledge" | "resolve";

export function useAlarmAct(changed: (alarm: Alarm) => void) {
  const { t } = useWords();
  const sentenceOf = useRefusal();
  const queries = useQueryClient();
  const asked = ref<Alarm | null>(null);
  const act = ref<Act>("acknowledge");
  const busy = ref(false);
  let key = "";

  function ask(alarm: Alarm, what: Act): void {
    asked.value = alarm;
    act.value = what;
    key = newKey();
  }

  async function confirm(reason: string): Promise<void> {
    const alarm = asked.value;
    if (!alarm || busy.value) return;
    busy.value = true;
    try {
      changed(await command<Alarm>(`/alarms/${encodeURIComponent(alarm.alarmId)}/${act.value}`, { reason }, key));
      tell("done", t(act.value === "resolve" ? "alarms.resolved" : "alarms.done", { id: alarm.alarmId }));
      asked.value = null;
    } catch (fault) {
      await failed(alarm, fault);
    } finally {
      busy.value = false;
      void queries.invalidateQueries({ queryKey: ["api"] });
    }
  }

  async function failed(alarm: Alarm, fault: unknown): Promise<void> {
    if (!hasStatus(fault, 409)) {
      tell("failed", sentenceOf(fault));
      return;
    }
    const current = await get<Alarm>(`/alarms/${encodeURIComponent(alarm.alarmId)}`);
    changed(current);
    asked.value = null;
    tell("failed", t("alarms.taken", { who: current.history.at(-1)?.actor ?? "—" }));
  }

  return { asked, act, busy, ask, confirm, cancel: () => (asked.value = null) };
}
