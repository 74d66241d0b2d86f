/** Rows of the list: one data logger each, with the edge device it stands behind. */

import type { Device, Logger, Source } from "@/api/resources";
import { numeric } from "@/ui/number";

export type RowState = "online" | "silent" | "never";
export const STATES: readonly RowState[] = ["online", "silent", "never"];

export interface Row {
  key: string;
  device: Device;
  logger: Logger;
  state: RowState;
}

const STATE_OF: Record<string, RowState> = { online: "online", offline: "silent", pending: "never" };

export const rowsOf = (devices: readonly Device[]): Row[] =>
  devices.flatMap((device) => device.loggers.map((logger) => ({ key: logger.outletId, device, logger, state: STATE_OF[logger.state] ?? "never" })));

export interface Sought {
  text: string;
  state: string;
  region: string;
}

/** Whether a row is among those sought: by names in both languages, MN, outlet or device. */
export function matches({ device, logger, state }: Row, sought: Sought): boolean {
  if (sought.state && sought.state !== state) return false;
  if (!logger.region.startsWith(sought.region.replace(/(00)+$/, ""))) return false;
  const text = sought.text.trim().toLowerCase();
  const names = [device.enterpriseName.zh, device.enterpriseName.en, logger.name.zh, logger.name.en, logger.mn, logger.outletId, device.thing];
  return !text || names.some((name) => name.toLowerCase().includes(text));
}

/** Gaps that concern a row: ranges its logger did not deliver, and what the device had to give up. */
export const gapsOf = ({ device, logger }: Row): number => device.gaps + logger.gaps;

/** The source that carries the outlet's frames, as the device tells of it; else what else is read there. */
export const sourceOf = (logger: Logger): Source | undefined =>
  logger.sources.find((source) => source.kind === "hj212") ?? logger.sources.find((source) => source.kind !== "camera");

export const factOf = (source: Source | undefined, name: string): string => {
  const value = source?.facts[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

/** The share of frames that were refused, in per cent; empty when the device does not say. */
export function refusedShare(source: Source | undefined): string {
  const [taken, refused] = [numeric(factOf(source, "taken")), numeric(factOf(source, "refused"))];
  if (taken === null || refused === null || taken + refused === 0) return "";
  return ((100 * refused) / (taken + refused)).toFixed(1);
}

/** Rule G-02: more than two minutes off is an alarm. */
export const MOST_OFFSET_S = 120;
export const isOff = (offset: number | undefined): boolean => offset !== undefined && Math.abs(offset) > MOST_OFFSET_S;

/** An offset with its sign and a decimal that means something. */
export const signed = (offset: number): string => {
  const digits = Math.abs(offset).toFixed(Math.abs(offset) < 10 ? 1 : 0);
  if (Number(digits) === 0) return digits;
  return `${offset < 0 ? "−" : "+"}${digits}`;
};
