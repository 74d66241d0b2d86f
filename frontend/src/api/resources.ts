/** The API's resources, under the names the pages use. The shapes are generated: `npm run api:types`. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Name = Schemas["Name"];
export type Region = Schemas["Region"];
export type Enterprise = Schemas["Enterprise"];
export type Limit = Schemas["Limit"];
export type Factor = Schemas["Factor"];
export type Outlet = Schemas["Outlet"];
export type Latest = Schemas["Latest"];
export type Series = Schemas["Series"];
export type Reading = Schemas["Reading"];
export type FrameRecord = Schemas["Frame"];
export type Transition = Schemas["Transition"];
export type Camera = Schemas["Camera"];
export type Live = Schemas["Live"];
export type Media = Schemas["Media"];
export type ShownMedia = Schemas["ShownMedia"];
export type Alarm = Schemas["Alarm"];
export type AlarmCounts = Schemas["AlarmCounts"];
export type Me = Schemas["Me"];
export type Overview = Schemas["Overview"];
export type Device = Schemas["Device"];
export type DeviceDetail = Schemas["DeviceDetail"];
export type Logger = Schemas["Logger"];
export type Clock = Schemas["Clock"];
export type Source = Schemas["Source"];
export type PlantCommand = Schemas["Command"];
export type AuditEntry = Schemas["Audit"];
export type SheetFile = Schemas["File"];
export type SheetReport = Schemas["SheetReport"];
export type ProblemResource = Schemas["Problem"];
export type SeverityCounts = Schemas["SeverityCounts"];
export type Severity = Alarm["severity"];

export const SEVERITIES: readonly Severity[] = ["L1", "L2", "L3", "L4", "L5"];

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
