import { describe, expect, it } from "vitest";

import type { Device, Logger, Source } from "@/api/resources";

import { gapsOf, isOff, matches, refusedShare, rowsOf, signed, sourceOf } from "./rows";

const source = (facts: Record<string, unknown>): Source => ({ at: "", source: "s", kind: "hj212", state: "ok", detail: "", facts, outletId: "stack" });
const logger = (outletId: string, state: string): Logger => ({
  outletId, name: { zh: "1 号烟囱", en: "Stack 1" }, region: "150523", mn: `MN-${outletId}`, st: "31", factors: [], state,
  lastDataAt: null, lastReceivedAt: null, delay: null, gaps: 0, clock: null, law: { registered: 0, held: 0, heldAt: null }, sources: [],
});
const device = (thing: string, ...loggers: Logger[]): Device => ({
  thing, enterpriseId: "north", enterpriseName: { zh: "开鲁水泥", en: "Kailu Cement" }, state: "online",
  lastReceivedAt: null, lastDataAt: null, edgeClock: null, gaps: 0, troubled: 0, loggers,
});
const rows = rowsOf([device("edge-1", logger("a", "online"), logger("b", "pending")), device("edge-2", logger("c", "offline"))]);
const sought = (text = "", state = "", region = "") => rows.filter((row) => matches(row, { text, state, region })).map((row) => row.key).join("");

describe("rows of data loggers", () => {
  it("are one per outlet, in the words of the list", () => {
    expect(rows.map((row) => row.state)).toEqual(["online", "never", "silent"]);
  });
  it("are found by name in either language, MN, outlet or device", () => {
    expect([sought("水泥"), sought("cement"), sought("mn-b"), sought("EDGE-2"), sought("烟囱"), sought("nowhere")]).toEqual(["abc", "abc", "b", "c", "abc", ""]);
  });
  it("narrow by state and by region, a prefecture standing for its counties", () => {
    expect([sought("", "silent"), sought("", "", "150500"), sought("", "", "150600")]).toEqual(["c", "abc", ""]);
  });
});

describe("what a row shows", () => {
  it("is the source of its frames, before what is polled or filmed beside it", () => {
    const [frames, polled, filmed] = ["hj212", "modbus", "camera"].map((kind) => ({ ...source({}), kind })) as [Source, Source, Source];
    const shown = (...sources: Source[]) => sourceOf({ ...logger("a", "online"), sources })?.kind;
    expect([shown(filmed, polled, frames), shown(filmed, polled), shown(filmed), shown()]).toEqual(["hj212", "modbus", undefined, undefined]);
  });
  it("counts the gaps of the logger and those of its device", () => {
    const one = { ...device("edge-1", { ...logger("a", "online"), gaps: 2 }), gaps: 1 };
    expect(rowsOf([one]).map(gapsOf)).toEqual([3]);
  });
});

describe("what a source counts", () => {
  it("is a share only when both numbers are told", () => {
    expect(refusedShare(source({ taken: 997, refused: 3 }))).toBe("0.3");
    expect(refusedShare(source({ taken: 0, refused: 0 }))).toBe("");
    expect(refusedShare(source({ refused: 3 }))).toBe("");
    expect(refusedShare(undefined)).toBe("");
  });
});

describe("an offset", () => {
  it("is off beyond two minutes, either way", () => {
    expect([120, 120.1, -121, undefined].map(isOff)).toEqual([false, true, true, false]);
  });
  it("keeps its sign", () => {
    expect([signed(-12.345), signed(0.26), signed(130), signed(-0.02)]).toEqual(["−12", "+0.3", "+130", "0.0"]);
  });
});
