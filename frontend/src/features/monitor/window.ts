/** The stretch of time on the screen: following the clock, or held by the address. */

import { DAY_MS, HOUR_MS, MINUTE_MS, startOfDay } from "@/ui/time";

import type { Kind } from "./curve";

export const RANGES: Record<Kind, readonly string[]> = {
  rtd: ["h1", "h6", "h24"],
  minute: ["h6", "h24", "d3"],
  hour: ["d3", "d7", "d30"],
  day: ["d30", "d90"],
};
const LENGTH_MS: Record<string, number> = {
  h1: HOUR_MS, h6: 6 * HOUR_MS, h24: 24 * HOUR_MS, d3: 3 * DAY_MS, d7: 7 * DAY_MS, d30: 30 * DAY_MS, d90: 90 * DAY_MS,
};

export interface Shown {
  from: number;
  to: number;
  live: boolean;
  range: string;
}

export function isKind(text: string): text is Kind {
  return text in RANGES;
}

/** Read the address at `now`. A live end is cut to the next whole step, so that answers stay cacheable. */
export function windowOf(kind: Kind, read: (key: string) => string, now: number): Shown {
  const ranges = RANGES[kind];
  const range = ranges.includes(read("range")) ? read("range") : (ranges[0] as string);
  const [from, to] = [Number(read("from")), Number(read("to"))];
  if (from && to > from) return { from, to, live: false, range };
  const end = liveEnd(kind, now);
  return { from: end - (LENGTH_MS[range] as number), to: end, live: true, range };
}

function liveEnd(kind: Kind, now: number): number {
  if (kind === "day") return startOfDay(now) + DAY_MS;
  const step = kind === "hour" ? HOUR_MS : MINUTE_MS;
  return Math.ceil(now / step) * step;
}
