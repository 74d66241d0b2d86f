import { expect, test } from "vitest";

import type { Media } from "@/api/resources";

import { askedSpan, clipAt, length, nearestClip, secondsInto, seekTo, shortHash, spanOf, timeSeen } from "./film";

const EIGHT = Date.parse("2026-11-27T08:00:00+08:00");
const MINUTE = 60_000;

function media(id: string, start: number, minutes: number, kind: Media["kind"] = "clip"): Media {
  const at = (offset: number) => new Date(EIGHT + offset * MINUTE).toISOString();
  return {
    mediaId: id, outletId: "o", cameraId: "o-cam1", kind, start: at(start), end: at(start + minutes), recordedAt: at(start), cause: "", complete: true,
    check: "verified", sha256: "0123456789abcdef".repeat(4), bytes: 1, pieces: 1, form: "file", thing: "edge-1", sequence: 1,
  };
}

const RECORDED = [media("late", 20, 15), media("still", 5, 0, "snapshot"), media("overlap", 8, 5), media("early", 0, 10)];

test.each([
  [0, "early"], [5, "early"], [9, "overlap"], [13, "overlap"], [14, undefined], [20, "late"], [35, "late"], [36, undefined],
])("minute %i is shown by %s", (minute, id) => {
  expect(clipAt(RECORDED, EIGHT + minute * MINUTE)?.mediaId).toBe(id);
});

test("where no clip is, the nearest one is told; a still is none", () => {
  expect(nearestClip(RECORDED, EIGHT + 15 * MINUTE)?.mediaId).toBe("overlap");
  expect(nearestClip(RECORDED, EIGHT + 18 * MINUTE)?.mediaId).toBe("late");
  expect(nearestClip([RECORDED[1]!], EIGHT)).toBeNull();
});

test("a time of the curves and a place in the film are the same", () => {
  const clip = RECORDED[0]!;
  expect(secondsInto(clip, EIGHT + 21 * MINUTE)).toBe(60);
  expect(timeSeen(clip, 60)).toBe(EIGHT + 21 * MINUTE);
  expect(secondsInto(clip, EIGHT)).toBe(0);
  expect(secondsInto(clip, EIGHT + 99 * MINUTE)).toBe(15 * 60);
});

test("a playing film is moved by jumps alone, a standing one by every step", () => {
  expect(seekTo(61, 60, true)).toBeNull();
  expect(seekTo(63, 60, true)).toBe(63);
  expect(seekTo(60.2, 60, false)).toBe(60.2);
  expect(seekTo(60.01, 60, false)).toBeNull();
});

test("media lie on the range by their share of it", () => {
  expect(spanOf(RECORDED[0]!, EIGHT, EIGHT + 60 * MINUTE)).toEqual({ left: (20 / 60) * 100, width: 25 });
  expect(spanOf(RECORDED[0]!, EIGHT + 25 * MINUTE, EIGHT + 45 * MINUTE)).toEqual({ left: 0, width: 50 });
  expect(spanOf(RECORDED[0]!, EIGHT + 40 * MINUTE, EIGHT + 60 * MINUTE)).toBeNull();
});

test("a clip is asked for around the cursor, and never of what is to come", () => {
  const minutes = (span: { start: string; end: string }) => [span.start, span.end].map((at) => (Date.parse(at) - EIGHT) / MINUTE);
  expect(minutes(askedSpan(null, EIGHT))).toEqual([-5, 0]);
  expect(minutes(askedSpan(EIGHT - 30 * MINUTE, EIGHT))).toEqual([-35, -25]);
  expect(minutes(askedSpan(EIGHT - 2 * MINUTE, EIGHT))).toEqual([-7, 0]);
  expect(minutes(askedSpan(EIGHT + 9 * MINUTE, EIGHT))).toEqual([-5, 0]);
});

test("a hash is told by its first digits, a length in minutes", () => {
  expect(shortHash(RECORDED[0]!.sha256)).toBe("01234567");
  expect(length(media("x", 0, 2.1))).toBe("2:06");
});
