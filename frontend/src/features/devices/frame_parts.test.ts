import { describe, expect, it } from "vitest";

import { partsOf } from "./frame_parts";

describe("a frame taken apart", () => {
  it("gives length, head, data and CRC in their order", () => {
    const raw = "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n";
    const parts = partsOf(raw);
    expect(parts.map((part) => part.name)).toEqual(["LEN", "QN", "ST", "CN", "PW", "MN", "Flag", "RtdInterval", "CRC"]);
    expect(Object.fromEntries(parts.map((part) => [part.name, part.value]))).toMatchObject({ LEN: "101", CN: "1062", RtdInterval: "30", CRC: "1C80" });
  });
  it("parts the values of one factor", () => {
    const names = partsOf("##0000ST=31;CN=2011;CP=&&DataTime=20261124080000;a21026-Rtd=21.3,a21026-Flag=N&&1C80").map((part) => part.name);
    expect(names).toContain("a21026-Flag");
  });
  it("shows what it cannot take apart as it came", () => {
    expect(partsOf("garbage")).toEqual([{ name: "?", value: "garbage" }]);
  });
});
