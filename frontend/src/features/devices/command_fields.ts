/** What each kind of command asks for, as the form shows it; the API checks it again. */

import { fromLocalInput } from "@/ui/time";

export type Input = "factor" | "series" | "whole" | "moment" | "text" | "secret" | "switch";

export interface Field {
  name: string;
  input: Input;
  optional?: boolean;
  options?: readonly string[];
}

const FACTOR: Field = { name: "factor", input: "factor" };
const series = (...options: string[]): Field => ({ name: "series", input: "series", options });
const span = (first: string, last: string): Field[] => [{ name: first, input: "moment" }, { name: last, input: "moment" }];
const CAMERA: Field = { name: "camera", input: "text" };
const ON: Field = { name: "on", input: "switch" };

export const FIELDS: Record<string, readonly Field[]> = {
  read_time: [{ ...FACTOR, optional: true }],
  set_time: [{ ...FACTOR, optional: true }],
  read_interval: [series("realtime", "minute")],
  set_interval: [series("realtime", "minute"), { name: "interval", input: "whole" }],
  set_password: [{ name: "password", input: "secret" }],
  fetch_history: [series("realtime", "minute", "hour", "day"), ...span("begin", "end")],
  real_time: [ON],
  calibrate: [FACTOR],
  sample_now: [FACTOR],
  read_site_info: [FACTOR, { name: "info", input: "text" }],
  set_parameter: [FACTOR, { name: "info", input: "text" }, { name: "value", input: "text" }],
  set_mn: [{ name: "mn", input: "text" }],
  set_cipher_key: [{ name: "key", input: "secret" }],
  snapshot: [CAMERA],
  clip: [CAMERA, ...span("start", "end")],
  live: [CAMERA, ON],
  reload: [],
};
/** In the order of use; kinds that are not here are not offered. */
export const KINDS = Object.keys(FIELDS);
export const FOR_THE_DEVICE = ["reload"];
export const DUAL_CONTROL = ["set_time", "set_password", "calibrate", "set_parameter", "set_mn", "set_cipher_key"];

/** The form's texts as the API's arguments; what is empty is not said. */
export function argumentsOf(kind: string, texts: Readonly<Record<string, string>>): Record<string, unknown> {
  const said = (FIELDS[kind] ?? []).filter((field) => texts[field.name] !== undefined && texts[field.name] !== "");
  return Object.fromEntries(said.map((field) => [field.name, read(field.input, texts[field.name] as string)]));
}

function read(input: Input, text: string): unknown {
  if (input === "switch") return text === "true";
  if (input === "whole") return Number(text);
  return input === "moment" ? new Date(fromLocalInput(text)).toISOString() : text.trim();
}

/** Whether everything that is asked for was said. */
export const isComplete = (kind: string, texts: Readonly<Record<string, string>>): boolean =>
  (FIELDS[kind] ?? []).every((field) => field.optional || Boolean(texts[field.name]?.trim()));
