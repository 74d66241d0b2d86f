/** What an act is called: its module, and what was done there, in the words that its own page uses. */

/** Where the words of each module stand. */
const WORDS: Record<string, string> = { command: "commandMove", alarm: "command", video: "audit.video", facility: "audit.facility" };

/** What a record says in codes: kinds and states of commands, and how an alarm is handled. */
const TOLD = ["commandKind", "commandState", "handling"];

/** A record in words where it has codes; what is no code stays as it is. */
export const toldOf = (detail: string, word: (group: string, code: string) => string): string =>
  detail
    .split(" ")
    .map((part) => TOLD.map((group) => word(group, part)).find((told) => told !== part) ?? part)
    .join(" ");

export function actOf(act: string, word: (group: string, code: string) => string): string {
  const [module = "", what = ""] = act.split(":");
  return `${word("audit.module", module)} · ${word(WORDS[module] ?? "audit", what)}`;
}
