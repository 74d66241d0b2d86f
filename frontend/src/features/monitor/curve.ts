/** From what the API tells to what a lane draws. One time axis for all lanes of an outlet. */

import type { Factor, Limit, Reading, Series } from "@/api/resources";
import { numeric } from "@/ui/number";
import { DAY_MS, HOUR_MS, MINUTE_MS, unix } from "@/ui/time";

export type Kind = "rtd" | "minute" | "hour" | "day";
export const KINDS: readonly Kind[] = ["rtd", "minute", "hour", "day"];

/** What is told of one factor at one time; texts carry the digits as transmitted. */
export interface Told {
  value: string | null;
  converted: string | null;
  flag: string;
  receivedAt: string;
  valid: boolean;
  source: string;
}

export interface Lane {
  factor: Factor;
  limit: Limit | null;
  measured: (number | null)[];
  converted: (number | null)[];
  told: (Told | null)[];
}

export interface Curves {
  /** Unix milliseconds, ascending. A time at which nothing is told marks a gap. */
  times: number[];
  lanes: Lane[];
}

export interface FlagRun {
  flag: string;
  from: number;
  to: number;
}

const RANK: Record<Reading["source"], number> = { corrected: 3, reported: 2, computed: 1 };

/** The limit a curve of this kind is read against: of the same span if there is one, else the hour's. */
export function limitOf(limits: readonly Limit[], factor: string, kind: Kind, at: number): Limit | null {
  const inForce = limits.filter(
    (each) => each.factor === factor && unix(each.validFrom) <= at && (!each.validTo || at < unix(each.validTo)),
  );
  return inForce.find((each) => each.span === kind) ?? inForce.find((each) => each.span === "hour") ?? inForce[0] ?? null;
}

export function curvesOfReadings(
  readings: readonly Reading[],
  factors: readonly Factor[],
  limits: (factor: string) => Limit | null,
  kind: Kind,
): Curves {
  const best = new Map<string, Reading>();
  const convertedBy = new Map<string, string>();
  for (const each of readings) {
    const key = `${each.factor} ${unix(each.start)}`;
    const before = best.get(key);
    if (!before || outranks(each, before)) best.set(key, each);
    if (each.converted !== null && each.valid) convertedBy.set(key, each.converted);
  }
  const starts = [...new Set(readings.map((each) => unix(each.start)))].sort((a, b) => a - b);
  const times = withGaps(starts, kind === "minute" ? Math.max(MINUTE_MS, usualStep(starts)) : NOMINAL_MS[kind]);
  const lanes = factors.map((factor) => {
    const told = times.map((at) => {
      const key = `${factor.code} ${at}`;
      const found = best.get(key);
      return found ? toldOf(found, convertedBy.get(key) ?? null) : null;
    });
    return laneOf(factor, limits(factor.code), told);
  });
  return { times, lanes };
}

export function curvesOfSeries(
  series: Series,
  factors: readonly Factor[],
  limits: (factor: string) => Limit | null,
): Curves {
  const times = withGaps(series.times, usualStep(series.times));
  const indexAt = new Map(series.times.map((at, index) => [at, index]));
  const lanes = factors.map((factor) => {
    const values = series.channels[factor.code] ?? [];
    const digits = digitsOf(values);
    const told = times.map((at) => {
      const index = indexAt.get(at);
      const value = index === undefined ? null : (values[index] ?? null);
      if (index === undefined || value === null) return null;
      const flag = series.flags[factor.code]?.[index] || "N";
      return { value: value.toFixed(digits), converted: null, flag, receivedAt: "", valid: true, source: "reported" };
    });
    return laneOf(factor, limits(factor.code), told);
  });
  return { times, lanes };
}

/** Stretches of one flag other than N, `[from, to)`; each reaches to the next told time. */
export function flagRuns(times: readonly number[], told: readonly (Told | null)[]): FlagRun[] {
  const runs: FlagRun[] = [];
  const step = usualStep(times);
  times.forEach((from, index) => {
    const flag = told[index]?.flag ?? "N";
    if (flag === "N" || flag === "") return;
    const to = Math.min(times[index + 1] ?? from + step, from + step);
    const last = runs.at(-1);
    if (last?.flag === flag && last.to === from) last.to = to;
    else runs.push({ flag, from, to });
  });
  return runs;
}

/** Index of the newest time at which something is told, at or before `at`; -1 when there is none. */
export function newestAt(times: readonly number[], told: readonly (Told | null)[], at: number): number {
  for (let index = times.length - 1; index >= 0; index--) {
    if ((times[index] as number) <= at && told[index]) return index;
  }
  return -1;
}

const NOMINAL_MS: Record<Kind, number> = { rtd: MINUTE_MS, minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };
const GAP = 1.6;

/** Put a time of nothing into every gap, so that a line never crosses it. */
export function withGaps(times: readonly number[], step: number): number[] {
  return times.flatMap((at, index) => {
    const next = times[index + 1];
    return next !== undefined && next - at > step * GAP ? [at, at + step] : [at];
  });
}

/** The median distance of neighbours [ms]; a ten-minute station's minute data are ten minutes apart. */
function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((at, index) => at - (times[index] as number)).sort((a, b) => a - b);
  return steps[Math.floor((steps.length - 1) / 2)] ?? MINUTE_MS;
}

const outranks = (one: Reading, other: Reading): boolean =>
  RANK[one.source] !== RANK[other.source] ? RANK[one.source] > RANK[other.source] : one.version > other.version;

const toldOf = (reading: Reading, converted: string | null): Told => ({
  value: reading.mean,
  converted: reading.converted ?? converted,
  flag: reading.flag || "N",
  receivedAt: reading.knownAt,
  valid: reading.valid,
  source: reading.source,
});

const laneOf = (factor: Factor, limit: Limit | null, told: (Told | null)[]): Lane => ({
  factor,
  limit,
  told,
  measured: told.map((each) => numeric(each?.value)),
  converted: told.map((each) => numeric(each?.converted)),
});

/** The fewest digits (at most 4) that lose none of the values. */
function digitsOf(values: readonly (number | null)[]): number {
  const most = 4;
  const lengths = values.map((value) => (value === null ? 0 : (Number(value.toFixed(most)).toString().split(".")[1]?.length ?? 0)));
  return Math.max(0, ...lengths);
}
