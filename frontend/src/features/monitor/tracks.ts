/** Alarms laid beside one another on the clock of the curves. */

import type { Alarm } from "@/api/resources";

import { spanOf } from "./film";

export const MOST_TRACKS = 3;

export interface Laid {
  alarm: Alarm;
  track: number;
  left: number;
  width: number;
}

/** Each alarm on the first track that is free where it begins; where none is, on the last. The worst are laid first. */
export function laidOut(alarms: readonly Alarm[], from: number, to: number): Laid[] {
  const taken: { left: number; right: number }[][] = Array.from({ length: MOST_TRACKS }, () => []);
  const worstFirst = [...alarms].sort((a, b) => a.severity.localeCompare(b.severity) || a.firstAt.localeCompare(b.firstAt));
  return worstFirst.flatMap((alarm) => {
    const span = spanOf({ start: alarm.firstAt, end: alarm.lastAt }, from, to);
    if (!span) return [];
    const right = span.left + span.width;
    const free = taken.findIndex((track) => track.every((other) => other.right < span.left || right < other.left));
    const track = free < 0 ? MOST_TRACKS - 1 : free;
    taken[track]?.push({ left: span.left, right });
    return [{ alarm, track, ...span }];
  });
}
