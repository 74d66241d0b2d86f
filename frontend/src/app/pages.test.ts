import { describe, expect, it } from "vitest";

import { homeOf, MAY_OPEN_DEVICES, mayOpen, menuOf } from "./pages";

const words = (role: string) => menuOf(role).map((item) => item.glyph);

describe("the menu", () => {
  it("has devices for regulators and for the system administrator, and for nobody else", () => {
    expect(words("city_centre")).toEqual(["home", "monitor", "alarms", "devices", "account"]);
    expect(words("system_admin")).toEqual(["devices", "account"]);
    expect(words("enterprise")).not.toContain("devices");
    expect(words("security_admin")).toEqual(["account"]);
  });
  it("has the audit trail for the auditor, and for nobody else", () => {
    expect(menuOf("audit_admin").map((item) => item.path)).toEqual(["/audit", "/me"]);
    expect([mayOpen("audit_admin", "audit"), mayOpen("city_centre", "audit"), mayOpen("system_admin", "audit"), mayOpen("audit_admin", "gov")]).toEqual([true, false, false, false]);
    expect(homeOf("audit_admin")).toBe("/audit");
  });
});

describe("a page", () => {
  it("is for its side, and for the roles named beside it", () => {
    expect([mayOpen("county", "gov"), mayOpen("system_admin", "gov"), mayOpen("system_admin", "gov", MAY_OPEN_DEVICES), mayOpen("enterprise", "gov", MAY_OPEN_DEVICES), mayOpen("audit_admin", undefined)]).toEqual([true, false, true, false, true]);
  });
  it("is the first one of a role", () => {
    expect([homeOf("county"), homeOf("system_admin"), homeOf("security_admin")]).toEqual(["/gov/home", "/gov/devices", "/me"]);
  });
});
