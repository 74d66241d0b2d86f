import { expect, test } from "vitest";

import { questionOf, toggled } from "./filters";

test("several types stand in one filter, and each goes as it came", () => {
  const two = toggled(toggled("", "EXCEED"), "CLOCK");
  expect(two).toBe("EXCEED,CLOCK");
  expect(toggled(two, "EXCEED")).toBe("CLOCK");
  expect(toggled("CLOCK", "CLOCK")).toBe("");
});

test("the question holds what the address says, and a moving bound cut to the minute", () => {
  const address: Record<string, string> = { type: "EXCEED,CLOCK", time: "h1" };
  const asked = questionOf((key) => address[key] ?? "", Date.parse("2026-11-27T23:30:41+08:00"));
  expect(asked).toMatchObject({ type: "EXCEED,CLOCK", severity: "", from: "2026-11-27T14:30:00.000Z", to: null });
});
