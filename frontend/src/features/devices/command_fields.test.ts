import { describe, expect, it } from "vitest";

import { argumentsOf, DUAL_CONTROL, isComplete, KINDS } from "./command_fields";

describe("the form of a command", () => {
  it("says numbers, times and switches as the API reads them", () => {
    expect(argumentsOf("set_interval", { minute: "10", realTime: "" })).toEqual({ minute: 10 });
    expect(argumentsOf("real_time", { on: "false" })).toEqual({ on: false });
    expect(argumentsOf("fetch_history", { cn: "2061", begin: "2026-11-24T08:00", end: "2026-11-24T09:00" })).toEqual({
      cn: "2061", begin: "2026-11-24T00:00:00.000Z", end: "2026-11-24T01:00:00.000Z",
    });
  });
  it("leaves out what is empty and what belongs to another kind", () => {
    expect(argumentsOf("read_time", { factor: "", password: "a1b2c3" })).toEqual({});
  });
  it("is complete when all that is needed was said", () => {
    expect([isComplete("read_time", {}), isComplete("calibrate", {}), isComplete("calibrate", { factor: " " }), isComplete("calibrate", { factor: "a21026" }), isComplete("reload", {})]).toEqual([true, false, false, true, true]);
  });
  it("knows which kinds need a second person, as the API does", () => {
    expect(DUAL_CONTROL.every((kind) => KINDS.includes(kind))).toBe(true);
  });
});
