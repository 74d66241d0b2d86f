import { expect, test } from "vitest";

import type { Alarm } from "@/api/resources";

import { useShownRows } from "./shown_rows";

const alarm = (alarmId: string, updatedAt: string, handling = "awaiting_response") => ({ alarmId, updatedAt, handling }) as Alarm;

test("a new alarm waits behind the bar and moves no row", () => {
  const { rows, count, renew, showWaiting } = useShownRows();
  renew([alarm("b", "2"), alarm("a", "1")]);
  renew([alarm("c", "3"), alarm("b", "2"), alarm("a", "1")]);
  expect(rows.value.map((row) => row.alarmId)).toEqual(["b", "a"]);
  expect(count.value).toBe(1);
  showWaiting();
  expect(rows.value.map((row) => row.alarmId)).toEqual(["c", "b", "a"]);
  expect(count.value).toBe(0);
});

test("a shown row is renewed where it stands", () => {
  const { rows, renew } = useShownRows();
  renew([alarm("b", "2"), alarm("a", "1")]);
  renew([alarm("a", "3", "responded"), alarm("b", "2")]);
  expect(rows.value.map((row) => [row.alarmId, row.handling])).toEqual([["b", "awaiting_response"], ["a", "responded"]]);
});

test("the first alarm of an empty list is shown at once", () => {
  const { rows, renew } = useShownRows();
  renew([]);
  renew([alarm("a", "1")]);
  expect(rows.value).toHaveLength(1);
});
