/** The API's resources (plume.wire.resources), spelled as the wire spells them. */

export interface Name {
  zh: string;
  en: string;
}

export type Severity = "L1" | "L2" | "L3" | "L4" | "L5";
export const SEVERITIES: readonly Severity[] = ["L1", "L2", "L3", "L4", "L5"];
export type SeverityCounts = Record<Severity, number>;

export type OutletState = "pending" | "online" | "offline";
export type Span = "minute" | "hour" | "day";

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface Region {
  code: string;
  name: Name;
  parent: string;
}

export interface Enterprise {
  enterpriseId: string;
  name: Name;
  region: string;
  regionName: Name;
  industry: string;
  attention: string;
  longitude: number;
  latitude: number;
  address: string;
  outletIds: string[];
  activeAlarms: SeverityCounts;
  worst: string | null;
  online: number;
  offline: number;
}

export interface Limit {
  limitId: string;
  factor: string;
  ceiling: string;
  floor: string | null;
  unit: string;
  basis: "measured" | "converted";
  span: Span;
  standard: string;
  clause: string;
  validFrom: string;
  validTo: string | null;
}

export interface Factor {
  code: string;
  name: Name;
  unit: string;
}

export interface Outlet {
  outletId: string;
  enterpriseId: string;
  enterpriseName: Name;
  name: Name;
  medium: "gas" | "water";
  region: string;
  mn: string;
  st: string;
  process: string;
  serviceLevel: string;
  referenceOxygen: string | null;
  factors: Factor[];
  limits: Limit[];
  state: OutletState;
  lastDataAt: string | null;
  lastReceivedAt: string | null;
  activeAlarms: SeverityCounts;
  worst: string | null;
}

export interface Latest {
  factor: string;
  kind: "rtd" | "minute" | "hour" | "day";
  at: string;
  receivedAt: string;
  value: string | null;
  converted: string | null;
  flag: string;
  unit: string;
}

export interface Series {
  outletId: string;
  step: "raw" | "1m" | "1h" | "1d";
  times: number[];
  channels: Record<string, (number | null)[]>;
  flags: Record<string, string[]>;
  thinned: boolean;
}

export interface Reading {
  outletId: string;
  factor: string;
  span: Span;
  start: string;
  mean: string | null;
  min: string | null;
  max: string | null;
  converted: string | null;
  cumulative: string | null;
  flag: string;
  valid: boolean;
  source: "reported" | "computed" | "corrected";
  version: number;
  knownAt: string;
}

export interface FrameRecord {
  receivedAt: string;
  thing: string;
  mn: string;
  raw: string;
  verdict: string;
  warnings: string[];
  reason: string;
  acknowledged: boolean;
}

export interface Transition {
  at: string;
  actor: string;
  role: string;
  command: string;
  before: string;
  after: string;
  reason: string;
}

export interface Alarm {
  alarmId: string;
  outletId: string;
  outletName: Name;
  enterpriseId: string;
  enterpriseName: Name;
  region: string;
  type: string;
  subtype: string;
  factor: string;
  factorName: Name;
  severity: Severity;
  condition: "active" | "cleared";
  handling: string;
  firstAt: string;
  lastAt: string;
  raisedAt: string;
  updatedAt: string;
  clearedAt: string | null;
  count: number;
  value: string | null;
  limit: string | null;
  unit: string;
  rule: { id: string; version: number };
  sentence: Name;
  history: Transition[];
  commands: string[];
  version: number;
}

export interface Me {
  personId: string;
  username: string;
  name: string;
  role: string;
  organisation: string;
  regions: string[];
  enterprises: string[];
  permissions: string[];
}

export interface Overview {
  enterprises: number;
  outlets: number;
  online: number;
  offline: number;
  pending: number;
  activeAlarms: SeverityCounts;
  awaitingResponse: number;
}
