/** Which enterprises the map shows. */

import type { Enterprise, Outlet } from "@/api/resources";

export interface Chosen {
  region: string;
  industry: string;
  attention: string;
  medium: string;
  state: string;
}

/** A region code covers its counties: trailing 00 say "all of it". */
export const within = (region: string, code: string): boolean => !region || code.startsWith(region.replace(/(00)+$/, ""));

export function chosenOf(enterprises: readonly Enterprise[], outlets: readonly Outlet[], chosen: Chosen): Enterprise[] {
  const media = new Map<string, Set<string>>();
  for (const { enterpriseId, medium } of outlets) media.set(enterpriseId, (media.get(enterpriseId) ?? new Set()).add(medium));
  return enterprises.filter(
    (each) =>
      within(chosen.region, each.region) &&
      (!chosen.industry || each.industry === chosen.industry) &&
      (!chosen.attention || each.attention === chosen.attention) &&
      (!chosen.medium || media.get(each.enterpriseId)?.has(chosen.medium)) &&
      inState(each, chosen.state),
  );
}

function inState({ worst, offline }: Enterprise, state: string): boolean {
  if (state === "alarm") return worst !== null;
  if (state === "online") return offline === 0;
  return state === "offline" ? offline > 0 : true;
}
