/** What an act is called: its module, and what was done there, in the words that its own page uses. */

/** Where the words of each module stand. */
const WORDS: Record<string, string> = { command: "commandMove", alarm: "command", video: "audit.video", facility: "audit.facility" };

export function actOf(act: string, word: (group: string, code: string) => string): string {
  const [module = "", what = ""] = act.split(":");
  return `${word("audit.module", module)} · ${word(WORDS[module] ?? "audit", what)}`;
}
