/** The alarm list's filters: from the address to the API's question. */

import type { Query } from "@/api/client";
import { DAY_MS, HOUR_MS, startOfDay, startOfMonth, unix } from "@/ui/time";

export const FILTERS = ["region", "enterprise", "outlet", "type", "severity", "condition", "handling", "source", "factor"] as const;
export type FilterKey = (typeof FILTERS)[number];
export const RANGES = ["", "h1", "today", "yesterday", "d7", "d30", "month", "custom"] as const;

export const TYPES = ["EXCEED", "INCONSISTENT", "INSUFFICIENT", "CLOCK", "PROD_STOP", "ALL_MISSING", "TREAT_FAULT", "AFTER_STOP"];
export const CONDITIONS = ["active", "cleared"];
export const HANDLINGS = ["awaiting_response", "responded"];
export const SOURCES = ["cloud", "edge"];
export const PER_PAGE = 50;

/** Filters that may hold several values, with commas between them, in the address as to the API. */
export const MANY: readonly FilterKey[] = ["type", "severity"];
export const valuesOf = (chosen: string): string[] => chosen.split(",").filter(Boolean);
export const toggled = (chosen: string, value: string): string => {
  const values = valuesOf(chosen);
  return (values.includes(value) ? values.filter((each) => each !== value) : [...values, value]).join(",");
};

/** Bounds of a quick range at `now`, unix milliseconds; null is open. */
export function boundsOf(range: string, from: string, to: string, now: number): [number | null, number | null] {
  const today = startOfDay(now);
  switch (range) {
    case "h1": return [now - HOUR_MS, null];
    case "today": return [today, null];
    case "yesterday": return [today - DAY_MS, today];
    case "d7": return [now - 7 * DAY_MS, null];
    case "d30": return [now - 30 * DAY_MS, null];
    case "month": return [startOfMonth(now), null];
    case "custom": return [from ? unix(from) : null, to ? unix(to) : null];
    default: return [null, null];
  }
}

/** The question to the API. A moving bound is cut to the minute, so that the answer stays cacheable. */
export function questionOf(read: (key: string) => string, now: number): Query {
  const minute = Math.floor(now / 60_000) * 60_000;
  const [from, to] = boundsOf(read("time"), read("from"), read("to"), minute);
  const chosen = Object.fromEntries(FILTERS.map((key) => [key, read(key)]));
  return {
    ...chosen,
    from: from === null ? null : new Date(from).toISOString(),
    to: to === null ? null : new Date(to).toISOString(),
    limit: PER_PAGE,
  };
}
