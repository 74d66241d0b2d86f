import { expect, test } from "vitest";

import type { Latest } from "@/api/resources";

import { addable, chosenGauges, gaugesOf, NONE, numberOf } from "./process";

const told = (factor: string, zh: string, unit = "A", kind: Latest["kind"] = "rtd"): Latest => ({
  factor, kind, at: "", receivedAt: "", value: "1", converted: null, flag: "N", unit, name: { zh, en: `${zh} en (no. ${Number(factor.slice(-2))})` },
});
const SO2 = { code: "a21026", name: { zh: "二氧化硫", en: "SO2" }, unit: "mg/m3" };
const pumps = [2, 1].map((n) => told(`g1040${n}`, `浆液循环泵电流（${n} 号）`));

test("the pumps of one class share a gauge that is named without their numbers", () => {
  const [gauge, ...others] = gaugesOf(pumps, [SO2]);
  expect(others).toEqual([]);
  expect(gauge?.name.zh).toBe("浆液循环泵电流");
  expect(gauge?.channels.map((each) => numberOf(each.code))).toEqual(["1", "2"]);
});

test("what the outlet reports, and values of other spans, are no gauges", () => {
  expect(gaugesOf([told("a21026", "二氧化硫"), told("a01011", "烟气流速"), told("g10401", "泵", "A", "hour")], [SO2])).toEqual([]);
});

test("a lone device is named by its class too, and a state of the site has no number", () => {
  expect(gaugesOf([told("g11001", "供浆密度（1 号）"), told("i33200", "门（西）")], []).map((each) => each.name.zh)).toEqual(["供浆密度", "门（西）"]);
  expect(numberOf("i33200")).toBe("");
});

test("more devices than there are colours get a second gauge", () => {
  const fields = Array.from({ length: 10 }, (_, n) => told(`g710${String(n + 1).padStart(2, "0")}`, `二次电压（${n + 1} 号）`, "kV"));
  expect(gaugesOf(fields, []).map((each) => [each.key, each.channels.length])).toEqual([["g710", 8], ["g710.2", 2]]);
});

test("the address chooses; without it the first two that have a unit are shown", () => {
  const gauges = gaugesOf([told("g10301", "泵状态", ""), ...pumps, told("g11001", "密度", "kg/m3"), told("g11101", "流量", "m3/h")], []);
  expect(chosenGauges(gauges, "").map((each) => each.key)).toEqual(["g104", "g110"]);
  expect(chosenGauges(gauges, "g111,g103").map((each) => each.key)).toEqual(["g103", "g111"]);
  expect(chosenGauges(gauges, NONE)).toEqual([]);
});

test("no more is shown than one question may name", () => {
  const gauges = gaugesOf(["301", "302", "303", "304", "305"].flatMap((kind) => Array.from({ length: 7 }, (_, n) => told(`e${kind}0${n + 1}`, `${kind}（${n + 1} 号）`))), []);
  const chosen = chosenGauges(gauges, gauges.map((each) => each.key).join(","));
  expect(chosen.map((each) => each.key)).toEqual(["e301", "e302", "e303", "e304"]);
  expect(addable(gauges, chosen)).toEqual([]);
  expect(addable(gauges, chosen.slice(0, 3)).map((each) => each.key)).toEqual(["e304", "e305"]);
});
