/** Asking a plant for something, and deciding on what others asked. */

import { useQueryClient } from "@tanstack/vue-query";
import { ref } from "vue";

import { command } from "@/api/client";
import { newKey } from "@/api/key";
import { isLoginTooOld } from "@/api/problem";
import type { PlantCommand } from "@/api/resources";
import { useRefusal } from "@/ui/refusal";
import { tell } from "@/ui/toast";
import { useWords } from "@/ui/words";

export interface Asking {
  kind: string;
  outletId?: string;
  thing?: string;
  arguments: Record<string, unknown>;
  reason: string;
}

export function useCommanding() {
  const { t } = useWords();
  const sentenceOf = useRefusal();
  const queries = useQueryClient();
  const busy = ref(false);
  const refusal = ref("");
  /** Whether the person must prove anew who they are, before the last decision can stand. */
  const proving = ref(false);
  let key = newKey();

  /** The same key as long as it did not succeed: pressing twice asks once. */
  async function ask(asking: Asking): Promise<boolean> {
    const done = await attempt(() => command<PlantCommand>("/commands", asking, key));
    if (!done) return false;
    key = newKey();
    tell("done", t(done.dualControl ? "devices.asked" : "devices.sent"));
    return true;
  }

  async function decide(one: PlantCommand, move: string, reason: string): Promise<boolean> {
    const path = `/commands/${encodeURIComponent(one.commandId)}/${move}`;
    return (await attempt(() => command<PlantCommand>(path, { reason }, `${one.commandId}-${move}`))) !== null;
  }

  /** Something else is asked now: a refused key must not stand for it. */
  function anew(): void {
    key = newKey();
    refusal.value = "";
  }

  async function attempt(send: () => Promise<PlantCommand>): Promise<PlantCommand | null> {
    busy.value = true;
    refusal.value = "";
    proving.value = false;
    try {
      return await send();
    } catch (fault) {
      proving.value = isLoginTooOld(fault);
      refusal.value = sentenceOf(fault);
      return null;
    } finally {
      busy.value = false;
      void queries.invalidateQueries({ queryKey: ["api"] });
    }
  }

  return { busy, refusal, proving, ask, decide, anew };
}
