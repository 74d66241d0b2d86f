/** What the lanes draw, as rows of a file: one value each, with its unit, basis and provenance. */

import type { Part } from "@/ui/table/columns";
import { isoBeijing } from "@/ui/time";

import type { Curves, Lane, Told } from "./curve";

export interface Drawn {
  at: number;
  lane: Lane;
  told: Told;
  basis: "measured" | "converted";
  value: string;
  /** What a value stands for: a reading's span, a mean over a step, or a value as it came. */
  kind: string;
}

/** Values within `[from, to)` in the order of time; where the platform converted a value, both stand there. */
export function drawnOf({ times, lanes }: Curves, kind: string, from: number, to: number): Drawn[] {
  return times.flatMap((at, index) => (at >= from && at < to ? lanes.flatMap((lane) => drawnAt(lane, at, index, kind)) : []));
}

function drawnAt(lane: Lane, at: number, index: number, kind: string): Drawn[] {
  const told = lane.told[index];
  if (!told) return [];
  const one = (basis: Drawn["basis"], value: string | null): Drawn[] => (value === null ? [] : [{ at, lane, told, basis, value, kind }]);
  return [...one("measured", told.value), ...one("converted", told.converted)];
}

export interface Spoken {
  t: (key: string) => string;
  named: (name: { zh: string; en: string }) => string;
  word: (group: string, code: string) => string;
  outlet: { outletId: string; name: { zh: string; en: string } };
}

export function curveParts({ t, named, word, outlet }: Spoken): Part<Drawn>[] {
  return [
    { word: t("monitor.time"), text: ({ at }) => isoBeijing(at) },
    { word: t("alarms.outletId"), text: () => outlet.outletId },
    { word: t("alarms.outlet"), text: () => named(outlet.name) },
    { word: t("alarms.factorCode"), text: ({ lane }) => lane.factor.code },
    { word: t("alarms.factor"), text: ({ lane }) => named(lane.factor.name) },
    { word: t("alarms.basis"), text: ({ basis }) => word("basis", basis) },
    { word: t("monitor.value"), text: ({ value }) => value },
    { word: t("monitor.unit"), text: ({ lane }) => lane.factor.unit },
    { word: t("monitor.flag"), text: ({ told }) => told.flag },
    { word: t("monitor.valid"), text: ({ told }) => t(told.valid ? "monitor.isValid" : "monitor.bad") },
    { word: t("monitor.span"), text: ({ kind }) => kind },
    { word: t("alarms.source"), text: ({ told }) => word("source", told.source) },
    { word: t("monitor.received"), text: ({ told }) => (told.receivedAt ? isoBeijing(Date.parse(told.receivedAt)) : "") },
  ];
}
