import { expect, test } from "vitest";

import { type Column, ordered, partsOf, shownOf, turned } from "./columns";

interface Reading {
  at: string;
  value: number | null;
}
const columns: Column<Reading>[] = [
  { key: "at", word: "Time", text: ({ at }) => at },
  { key: "value", word: "SO2", unit: "mg/m³", text: ({ value }) => String(value ?? "—"), by: ({ value }) => value },
  { key: "wide", word: "Wide", text: () => "", usual: "wide" },
  { key: "rare", word: "Rare", text: () => "rare", usual: "never", file: [{ word: "Rare, whole", text: () => "a" }, { word: "Rare, code", text: () => "b" }] },
  { key: "act", word: "Action", text: () => "button", file: [], fixed: true },
];
const keys = (some: Column<Reading>[]) => some.map(({ key }) => key).join(" ");

test("without a choice the usual columns are shown, and more of them on a wide screen", () => {
  expect(keys(shownOf(columns, [], false))).toBe("at value act");
  expect(keys(shownOf(columns, [], true))).toBe("at value wide act");
});

test("a choice is taken in the order of the table, with what cannot be put away", () => {
  expect(keys(shownOf(columns, ["rare", "at"], true))).toBe("at rare act");
});

test("a choice of columns that are no more is none", () => {
  expect(keys(shownOf(columns, ["gone"], false))).toBe("at value act");
});

test("a file has the unit in its heads, several parts of one column, and nothing of buttons", () => {
  expect(partsOf(columns).map(({ word }) => word)).toEqual(["Time", "SO2 (mg/m³)", "Wide", "Rare, whole", "Rare, code"]);
});

test("numbers are ordered as numbers, and what is missing comes last both ways", () => {
  const rows = [10, null, 9, 100].map((value) => ({ at: "", value }));
  const by = ({ value }: Reading) => value;
  expect(ordered(rows, by, false).map(by)).toEqual([9, 10, 100, null]);
  expect(ordered(rows, by, true).map(by)).toEqual([100, 10, 9, null]);
});

test("Chinese words are ordered by their sound, as a dictionary has them", () => {
  expect(ordered(["通辽", "奥陶", "开鲁"], (word) => word, false)).toEqual(["奥陶", "开鲁", "通辽"]);
});

test("a head that is pressed again and again comes back to no order", () => {
  expect([turned("", "at"), turned("at", "at"), turned("-at", "at"), turned("value", "at")]).toEqual(["at", "-at", "", "at"]);
});
