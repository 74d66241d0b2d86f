import { expect, test } from "vitest";

import type { Reading } from "@/api/resources";

import { curvesOfReadings, flagRuns, limitOf, newestAt, type Told } from "./curve";

const HOUR = 3_600_000;
const FACTOR = { code: "a21026", name: { zh: "二氧化硫", en: "SO2" }, unit: "mg/m3" };
const reading = (hour: number, mean: string, more: Partial<Reading> = {}): Reading => ({
  outletId: "bench-gas-1", factor: "a21026", span: "hour", start: new Date(hour * HOUR).toISOString(), mean, min: null, max: null, converted: null,
  cumulative: null, flag: "N", valid: true, source: "reported", version: 1, knownAt: new Date(hour * HOUR).toISOString(), ...more,
});
const told = (flag: string): Told => ({ value: "1", converted: null, flag, receivedAt: "", valid: true, source: "reported" });

test("a missing hour is a gap, never a line", () => {
  const { times, lanes } = curvesOfReadings([reading(1, "10"), reading(2, "11"), reading(5, "12")], [FACTOR], () => null, "hour");
  expect(times.map((at) => at / HOUR)).toEqual([1, 2, 3, 5]);
  expect(lanes[0]?.measured).toEqual([10, 11, null, 12]);
});

test("two hours far apart are not joined", () => {
  const { times } = curvesOfReadings([reading(1, "10"), reading(5, "12")], [FACTOR], () => null, "hour");
  expect(times.map((at) => at / HOUR)).toEqual([1, 2, 5]);
});

test("minute data every ten minutes are whole", () => {
  const every = (minute: number) => reading(0, "10", { span: "minute", start: new Date(minute * 60_000).toISOString() });
  const { times } = curvesOfReadings([0, 10, 20, 50].map(every), [FACTOR], () => null, "minute");
  expect(times.map((at) => at / 60_000)).toEqual([0, 10, 20, 30, 50]);
});

test("a correction outranks the report, a later version an earlier one", () => {
  const { lanes } = curvesOfReadings(
    [reading(1, "10"), reading(1, "12", { version: 2 }), reading(1, "11", { source: "corrected" }), reading(2, "5"), reading(2, "6", { version: 2 })],
    [FACTOR], () => null, "hour",
  );
  expect(lanes[0]?.measured).toEqual([11, 6]);
});

test("a converted value computed by the platform stands beside the reported mean", () => {
  const { lanes } = curvesOfReadings([reading(1, "10"), reading(1, "10", { source: "computed", converted: "14" })], [FACTOR], () => null, "hour");
  expect(lanes[0]?.told[0]).toMatchObject({ value: "10", converted: "14", source: "reported" });
});

test("neighbouring hours of one flag are one band", () => {
  const runs = flagRuns([0, HOUR, 2 * HOUR, 3 * HOUR], [told("N"), told("C"), told("C"), told("N")]);
  expect(runs).toEqual([{ flag: "C", from: HOUR, to: 3 * HOUR }]);
});

test("the readout shows the newest told value at or before the cursor", () => {
  expect(newestAt([0, HOUR, 2 * HOUR], [told("N"), null, told("N")], HOUR)).toBe(0);
  expect(newestAt([0, HOUR], [null, null], Infinity)).toBe(-1);
});

test("a limit holds from its first day to before its last", () => {
  const limit = { limitId: "l", factor: "a21026", ceiling: "35", floor: null, unit: "mg/m3", basis: "converted" as const, span: "hour" as const, standard: "", clause: "", validFrom: "2020-01-01T00:00:00+08:00", validTo: "2026-01-01T00:00:00+08:00" };
  expect(limitOf([limit], "a21026", "hour", Date.parse("2025-12-31T23:59:59+08:00"))).toBe(limit);
  expect(limitOf([limit], "a21026", "hour", Date.parse("2026-01-01T00:00:00+08:00"))).toBeNull();
});
