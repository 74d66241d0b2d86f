/** What cameras recorded, laid on the clock of the curves. Times are unix milliseconds. */

import type { Media } from "@/api/resources";
import { unix } from "@/ui/time";

/** While a clip plays, the cursor follows it; only a jump of more than this moves the film. */
const PLAYING_SLACK_S = 1.5;
const STILL_SLACK_S = 0.04;

export const clipsOf = (media: readonly Media[]): Media[] => media.filter((each) => each.kind === "clip");

export const covers = (media: Media, at: number): boolean => unix(media.start) <= at && at <= unix(media.end);

/** The clip that shows `at`; of several the one that began last. */
export function clipAt(media: readonly Media[], at: number): Media | null {
  const found = clipsOf(media).filter((each) => covers(each, at));
  return found.reduce<Media | null>((last, each) => (last && unix(last.start) >= unix(each.start) ? last : each), null);
}

/** The clip whose nearer end is closest to `at`. */
export function nearestClip(media: readonly Media[], at: number): Media | null {
  const distance = (each: Media) => Math.max(unix(each.start) - at, at - unix(each.end), 0);
  return clipsOf(media).reduce<Media | null>((best, each) => (best && distance(best) <= distance(each) ? best : each), null);
}

/** Where in the clip `at` lies [s], within its bounds. */
export function secondsInto(media: Media, at: number): number {
  const length = unix(media.end) - unix(media.start);
  return Math.min(Math.max(at - unix(media.start), 0), length) / 1000;
}

/** The time [ms] that is seen at `seconds` of the clip. */
export const timeSeen = (media: Media, seconds: number): number => Math.round(unix(media.start) + seconds * 1000);

/** Where the film must go so that it shows `wanted` [s]; null when it shows it already. */
export function seekTo(wanted: number, current: number, playing: boolean): number | null {
  return Math.abs(wanted - current) <= (playing ? PLAYING_SLACK_S : STILL_SLACK_S) ? null : wanted;
}

/** Share of the range, in percent from its left end, that something takes; null when outside. */
export function spanOf(lasting: Pick<Media, "start" | "end">, from: number, to: number): { left: number; width: number } | null {
  const [start, end] = [Math.max(unix(lasting.start), from), Math.min(unix(lasting.end), to)];
  if (end < start || start >= to) return null;
  return { left: ((start - from) / (to - from)) * 100, width: ((end - start) / (to - from)) * 100 };
}

const CLIP_BEFORE_MS = 300_000;
const CLIP_AFTER_MS = 300_000;

/** What is asked of a camera: five minutes on each side of the cursor, or the last five. */
export function askedSpan(cursor: number | null, now: number): { start: string; end: string } {
  const middle = Math.min(cursor ?? now, now);
  const end = Math.min(middle + CLIP_AFTER_MS, now);
  return { start: new Date(middle - CLIP_BEFORE_MS).toISOString(), end: new Date(end).toISOString() };
}

/** The first digits of a SHA-256, enough to compare by eye. */
export const shortHash = (sha256: string): string => sha256.slice(0, 8);

/** `2:05` of minutes and seconds. */
export function length(media: Media): string {
  const seconds = Math.round((unix(media.end) - unix(media.start)) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
