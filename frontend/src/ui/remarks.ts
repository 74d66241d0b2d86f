/** What was thought of a frame: why it was refused, and where it departs from HJ 212, in words. */

import type { FrameRecord } from "@/api/resources";
import { useWords } from "@/ui/words";

export function useRemarks() {
  const { named, word } = useWords();
  return ({ reason, warnings }: Pick<FrameRecord, "reason" | "warnings">): string =>
    [named(reason), ...warnings.map((one) => word("dialect", one))].filter(Boolean).join(" · ");
}
