/** What each kind of command asks for, as the form shows it; the API checks it again. */

import { fromLocalInput } from "@/ui/time";

export type Input = "factor" | "choice" | "whole" | "moment" | "text" | "secret" | "switch" | "camera";

export interface Field {
  name: string;
  input: Input;
  optional?: boolean;
  options?: readonly string[];
}

const FACTOR: Field = { name: "factor", input: "factor" };
const choice = (name: string, options: readonly string[], optional = false): Field => ({ name, input: "choice", options, optional });
const span = (first: string, last: string): Field[] => [{ name: first, input: "moment" }, { name: last, input: "moment" }];
const CAMERA: Field = { name: "camera", input: "camera" };
const ON: Field = { name: "on", input: "switch" };

export const FIELDS: Record<string, readonly Field[]> = {
  read_time: [{ ...FACTOR, optional: true }],
  set_time: [{ ...FACTOR, optional: true }],
  read_interval: [choice("which", ["realTime", "minute"], true)],
  set_interval: [{ name: "realTime", input: "whole", optional: true }, { name: "minute", input: "whole", optional: true }],
  set_password: [{ name: "password", input: "secret" }],
  fetch_history: [choice("cn", ["2061", "2051", "2031", "2011"]), ...span("begin", "end")],
  real_time: [ON],
  calibrate: [FACTOR, choice("type", ["zero", "span"], true)],
  sample_now: [FACTOR],
  read_site_info: [{ name: "info", input: "text" }, { ...FACTOR, optional: true }],
  set_parameter: [{ name: "info", input: "text" }, { name: "value", input: "text" }, { ...FACTOR, optional: true }],
  set_mn: [{ name: "serial", input: "text" }],
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
