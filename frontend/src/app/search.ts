/** What the global search finds, best first: names that start with the words before those that hold them. */

import type { Alarm, Enterprise, Name, Outlet } from "@/api/resources";

export interface Found {
  key: string;
  glyph: string;
  title: string;
  note: string;
  to: string;
}

export interface Known {
  side: string;
  enterprises: Enterprise[];
  outlets: Outlet[];
  alarms: Alarm[];
  named: (name: Name) => string;
}

const MOST = 12;

export function find(sought: string, known: Known): Found[] {
  const words = sought.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return candidates(known)
    .map(({ found, text }) => ({ found, rank: rankOf(text, words) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, MOST)
    .map(({ found }) => found);
}

/** 0 where a word is missing; more for every word at the start of the text. */
function rankOf(text: string, words: string[]): number {
  if (!words.every((word) => text.includes(word))) return 0;
  return 1 + words.filter((word) => text.startsWith(word)).length;
}

function candidates({ side, enterprises, outlets, alarms, named }: Known) {
  const plain = (...parts: string[]) => parts.join(" ").toLowerCase();
  return [
    ...enterprises.map((e) => ({
      found: { key: e.enterpriseId, glyph: "home", title: named(e.name), note: named(e.regionName), to: `/${side}/home?enterprise=${encodeURIComponent(e.enterpriseId)}` },
      text: plain(e.name.zh, e.name.en, e.enterpriseId),
    })),
    ...outlets.map((o) => ({
      found: { key: o.outletId, glyph: "monitor", title: `${named(o.enterpriseName)} · ${named(o.name)}`, note: o.mn, to: `/${side}/monitor/${encodeURIComponent(o.outletId)}` },
      text: plain(o.name.zh, o.name.en, o.enterpriseName.zh, o.enterpriseName.en, o.outletId, o.mn),
    })),
    ...alarms.map((a) => ({
      found: { key: a.alarmId, glyph: "alarms", title: named(a.sentence), note: named(a.enterpriseName), to: `/${side}/alarms?alarm=${encodeURIComponent(a.alarmId)}` },
      text: plain(a.alarmId, a.sentence.zh, a.sentence.en, a.enterpriseName.zh, a.outletName.zh),
    })),
  ];
}
