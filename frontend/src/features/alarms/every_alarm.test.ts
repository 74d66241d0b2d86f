import { beforeEach, expect, test, vi } from "vitest";

import { forgetAnswers } from "@/api/client";
import type { Alarm, Limit } from "@/api/resources";
import { begin } from "@/api/session";

import { basisOf } from "./columns";
import { everyAlarm } from "./every_alarm";

const CONFIG = { apiUrl: "/api", idp: { url: "/idp/", clientId: "c", region: "r" }, version: "1" };
const asked = vi.fn<(query: URLSearchParams) => unknown>();
const alarm = (alarmId: string, updatedAt: string) => ({ alarmId, updatedAt });

beforeEach(() => {
  forgetAnswers();
  asked.mockReset();
  begin({ accessToken: "T", refreshToken: "R", expiresAt: Date.now() + 3_600_000 });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    init.signal?.throwIfAborted();
    return Response.json(url === "/config.json" ? CONFIG : asked(new URL(url, "http://plume").searchParams));
  });
});
const ask = (told: (count: number) => void = () => undefined, signal = new AbortController().signal) => everyAlarm({ condition: "active", limit: 50 }, signal, told);

test("every page is asked for with the filter, and each tells how far it is", async () => {
  asked.mockImplementation((query) => (query.get("cursor") ? { items: [alarm("a", "1")], nextCursor: null } : { items: [alarm("c", "3"), alarm("b", "2")], nextCursor: "two" }));
  const counts: number[] = [];
  expect((await ask((count) => counts.push(count))).map((each) => each.alarmId)).toEqual(["c", "b", "a"]);
  expect(counts).toEqual([2, 3]);
  expect(asked.mock.calls.every(([query]) => query.get("condition") === "active" && query.get("limit") === "200")).toBe(true);
});

test("an alarm that moves to the head while the pages come is in the file once, as it is now", async () => {
  let moved = false;
  asked.mockImplementation((query) => {
    if (query.get("cursor") === "two") {
      moved = true;
      return { items: [], nextCursor: null };
    }
    return moved ? { items: [alarm("a", "4"), alarm("c", "3"), alarm("b", "2")], nextCursor: null } : { items: [alarm("c", "3"), alarm("b", "2")], nextCursor: "two" };
  });
  expect((await ask()).map((each) => `${each.alarmId}${each.updatedAt}`)).toEqual(["a4", "c3", "b2"]);
});

test("who thinks better of it gets nothing, and no further page is asked for", async () => {
  const giving = new AbortController();
  asked.mockReturnValue({ items: [alarm("a", "1")], nextCursor: "more" });
  await expect(ask(() => giving.abort(), giving.signal)).rejects.toThrow();
  expect(asked).toHaveBeenCalledTimes(1);
});

const limit = (basis: string, ceiling: string, validTo: string | null = null) => ({ factor: "a21026", ceiling, basis, validFrom: "2020-01-01T00:00:00+08:00", validTo }) as Limit;
const exceedance = { factor: "a21026", limit: "35", firstAt: "2026-11-27T10:00:00+08:00" } as Alarm;

test("the basis of a value is that of the limit it was judged by, as far as that is beyond doubt", () => {
  expect(basisOf(exceedance, [limit("converted", "35.0"), limit("measured", "50")])).toBe("converted");
  expect(basisOf(exceedance, [limit("converted", "35"), limit("measured", "35")])).toBe("");
  expect(basisOf(exceedance, [limit("measured", "35", "2025-01-01T00:00:00+08:00")])).toBe("");
  expect(basisOf({ ...exceedance, limit: null }, [limit("converted", "35")])).toBe("");
});
