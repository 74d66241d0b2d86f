/** What a person is told when something could not be done; never nothing. */

import { Problem } from "@/api/problem";

import { useWords } from "./words";

/** The API's own sentence; where a gateway before it refused without one, the status; else that nothing answered. */
export function useRefusal(): (fault: unknown) => string {
  const { t, locale } = useWords();
  return (fault) => (fault instanceof Problem ? fault.sentence(locale.value) || t("state.refused", { status: fault.status }) : t("state.unreachable"));
}
