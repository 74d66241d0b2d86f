/** The tree 区划 > 企业 > 排口 of what matches. */

import type { Enterprise, Outlet, Region } from "@/api/resources";

export interface Branch {
  region: Region;
  enterprises: { enterprise: Enterprise; outlets: Outlet[] }[];
}

export interface Sought {
  sought: string;
  abnormal: boolean;
  /** A region code; a prefecture's ends in 00 and covers its counties. */
  region: string;
}

export function treeOf(regions: readonly Region[], enterprises: readonly Enterprise[], outlets: readonly Outlet[], asked: Sought): Branch[] {
  const matching = outlets.filter((outlet) => matches(outlet, asked));
  const twigs = enterprises
    .map((enterprise) => ({ enterprise, outlets: matching.filter((each) => each.enterpriseId === enterprise.enterpriseId) }))
    .filter((twig) => twig.outlets.length);
  const codes = [...new Set(twigs.map((twig) => twig.enterprise.region))].sort();
  return codes.map((code) => ({
    region: regions.find((each) => each.code === code) ?? nameless(code, twigs[0]?.enterprise),
    enterprises: twigs.filter((twig) => twig.enterprise.region === code),
  }));
}

export const covers = (region: string, code: string): boolean => !region || code.startsWith(region.replace(/(00)+$/, ""));

function matches(outlet: Outlet, { sought, abnormal, region }: Sought): boolean {
  if (!covers(region, outlet.region)) return false;
  if (abnormal && !outlet.worst && outlet.state !== "offline") return false;
  const { name, enterpriseName, outletId, mn } = outlet;
  const text = [name.zh, name.en, enterpriseName.zh, enterpriseName.en, outletId, mn].join(" ").toLowerCase();
  return text.includes(sought.trim().toLowerCase());
}

const nameless = (code: string, like?: Enterprise): Region => ({
  code, parent: "", name: like?.region === code ? like.regionName : { zh: code, en: code },
});
