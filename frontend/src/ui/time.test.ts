import { expect, test } from "vitest";

import { fromLocalInput, isoBeijing, localInput, moment, short, startOfDay } from "./time";
import { excess } from "./number";

test("times are shown in Beijing, whatever their offset", () => {
  expect(moment("2026-11-24T16:30:05Z")).toBe("2026-11-25 00:30:05");
  expect(moment("2026-11-25T00:30:05+08:00")).toBe("2026-11-25 00:30:05");
  expect(short("2026-11-24T05:00:00Z")).toBe("11-24 13:00");
});

test("a file names the offset, and milliseconds only where there are any", () => {
  expect(isoBeijing(Date.parse("2026-11-24T16:30:05Z"))).toBe("2026-11-25T00:30:05+08:00");
  expect(isoBeijing(Date.parse("2026-11-24T16:30:05.040Z"))).toBe("2026-11-25T00:30:05.040+08:00");
});

test("a Beijing day starts at 16:00 UTC of the day before", () => {
  expect(new Date(startOfDay(Date.parse("2026-11-24T15:59:59Z"))).toISOString()).toBe("2026-11-23T16:00:00.000Z");
  expect(new Date(startOfDay(Date.parse("2026-11-24T16:00:00Z"))).toISOString()).toBe("2026-11-24T16:00:00.000Z");
});

test("what a person types into a time field is Beijing time", () => {
  const at = Date.parse("2026-11-24T05:07:00Z");
  expect(localInput(at)).toBe("2026-11-24T13:07");
  expect(fromLocalInput("2026-11-24T13:07")).toBe(at);
});

test("546.6 against a limit of 35 is 14.6 times over", () => {
  expect(excess("546.6", "35")).toBe("14.6");
  expect(excess("35", "35")).toBe("");
  expect(excess(null, "35")).toBe("");
});
