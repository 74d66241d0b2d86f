import { expect, test } from "vitest";

import { csvOf } from "@/ui/table/csv";

import type { Curves, Told } from "./curve";
import { curveParts, drawnOf } from "./curve_file";

const at = (clock: string) => Date.parse(`2026-11-27T${clock}:00+08:00`);
const told = (value: string | null, converted: string | null, more: Partial<Told> = {}): Told => ({ value, converted, flag: "N", receivedAt: "", valid: true, source: "reported", ...more });
const SO2 = { code: "a21026", name: { zh: "二氧化硫", en: "SO2" }, unit: "mg/m³" };
const outlet = { outletId: "beiyu-gas-1", name: { zh: "1 号烟囱", en: "Stack 1" } };
const curves: Curves = {
  times: [at("09:00"), at("10:00"), at("11:00"), at("12:00")],
  lanes: [{ factor: SO2, limit: null, measured: [], converted: [], told: [told("20.10", null), told("21.3", "24.0", { receivedAt: "2026-11-27T03:00:03Z" }), null, told("0", null, { flag: "C", valid: false, source: "computed" })] }],
};
const spoken = { t: (key: string) => key.split(".")[1] as string, named: ({ zh }: { zh: string }) => zh, word: (_: string, code: string) => code, outlet };
const linesOf = (from: string, to: string) => csvOf(curveParts(spoken), drawnOf(curves, "hour", at(from), at(to))).trim().split("\r\n").slice(1);

test("every value is a row: its time with the offset of Beijing, its digits as transmitted", () => {
  expect(linesOf("09:00", "10:00")).toEqual(["2026-11-27T09:00:00+08:00,beiyu-gas-1,1 号烟囱,a21026,二氧化硫,measured,20.10,mg/m³,N,isValid,hour,reported,"]);
});

test("a converted value has a row of its own, and both say when they came", () => {
  expect(linesOf("10:00", "11:00").map((line) => line.split(",").filter((_, column) => [5, 6, 12].includes(column)))).toEqual([
    ["measured", "21.3", "2026-11-27T11:00:03+08:00"],
    ["converted", "24.0", "2026-11-27T11:00:03+08:00"],
  ]);
});

test("a gap has no row; a zero during calibration has one, with its flag", () => {
  expect(linesOf("11:00", "12:00")).toEqual([]);
  expect(linesOf("12:00", "13:00")[0]?.split(",").slice(6, 12)).toEqual(["0", "mg/m³", "C", "bad", "hour", "computed"]);
});

test("what lies outside the range that is drawn is not in the file", () => {
  expect(linesOf("09:30", "12:00")).toHaveLength(2);
});
