/** Every alarm of a filter, for a file. */

import type { Query } from "@/api/client";
import { everyItem } from "@/api/pages";
import type { Alarm } from "@/api/resources";

/** The list runs from the newest change down. What changes while its pages come moves to the head, where it is looked for once more. */
export async function everyAlarm(query: Query, signal: AbortSignal, told: (count: number) => void): Promise<Alarm[]> {
  const alarms = await everyItem<Alarm>("/alarms", query, { signal, told });
  const newest = alarms[0]?.updatedAt;
  if (newest === undefined) return alarms;
  const head = await everyItem<Alarm>("/alarms", query, { signal, enough: (page) => page.some((each) => each.updatedAt <= newest) });
  const changed = head.filter((each) => each.updatedAt > newest);
  const again = new Set(changed.map((each) => each.alarmId));
  return [...changed, ...alarms.filter((each) => !again.has(each.alarmId))];
}
