/** Hand a file to the person. */

import { moment } from "./time";

const HELD_MS = 60_000;

export function download(name: string, body: Blob): void {
  const url = URL.createObjectURL(body);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(url), HELD_MS);
}

/** `报警_2026-11-27_224509.csv`: what it is, and the Beijing time it was made at. */
export const fileName = (what: string, ending: string, at = Date.now()): string =>
  `${what.replace(/[\\/:*?"<>|\s]+/g, "_")}_${moment(at).replace(" ", "_").replaceAll(":", "")}.${ending}`;
