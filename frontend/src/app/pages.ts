/** Which pages exist and which roles may open them. A page of no role is everyone's. */

export type Side = "gov" | "ent" | "audit" | "none";

const REGULATORS = ["city_centre", "city_enforcement", "county", "leader"];
const SUPERVISED = ["enterprise", "operator"];
/** Looks after devices, and sees no emissions. */
const CARETAKER = "system_admin";
/** Reads what people did, and does nothing. */
const AUDITOR = "audit_admin";

export function sideOf(role: string): Side {
  if (REGULATORS.includes(role)) return "gov";
  if (role === AUDITOR) return "audit";
  return SUPERVISED.includes(role) ? "ent" : "none";
}

/** Whether the role may open a page of this side; some pages are for one role more. */
export const mayOpen = (role: string, side: Side | undefined, also: readonly string[] = []): boolean =>
  side === undefined || sideOf(role) === side || also.includes(role);

export const homeOf = (role: string): string => {
  if (role === CARETAKER) return DEVICES.path;
  if (role === AUDITOR) return AUDIT.path;
  const side = sideOf(role);
  return side === "none" ? "/me" : `/${side}/home`;
};

export interface MenuItem {
  path: string;
  glyph: string;
  word: string;
  tab: string;
}

const DEVICES: MenuItem = { path: "/gov/devices", glyph: "devices", word: "menu.devices", tab: "tab.devices" };
const AUDIT: MenuItem = { path: "/audit", glyph: "list", word: "menu.audit", tab: "tab.audit" };
export const MAY_OPEN_DEVICES = [CARETAKER];

/** The menu is exactly what the role may open. */
export function menuOf(role: string): MenuItem[] {
  const side = sideOf(role);
  const account = { path: "/me", glyph: "account", word: "menu.account", tab: "tab.account" };
  if (role === CARETAKER) return [DEVICES, account];
  if (role === AUDITOR) return [AUDIT, account];
  if (side === "none") return [account];
  return [
    { path: `/${side}/home`, glyph: "home", word: side === "gov" ? "menu.home" : "menu.entHome", tab: "tab.home" },
    { path: `/${side}/monitor`, glyph: "monitor", word: "menu.monitor", tab: "tab.monitor" },
    { path: `/${side}/alarms`, glyph: "alarms", word: "menu.alarms", tab: "tab.alarms" },
    ...(side === "gov" ? [DEVICES] : []),
    account,
  ];
}
