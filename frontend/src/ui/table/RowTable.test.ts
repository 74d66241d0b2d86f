import { mount } from "@vue/test-utils";
import { ref } from "vue";
import { afterEach, expect, test } from "vitest";

import { i18n } from "../language";
import type { Column } from "./columns";
import RowTable from "./RowTable.vue";
import type { TableView } from "./table";

const rowsOf = (count: number) => Array.from({ length: count }, (_, at) => `row ${at}`);
let table: ReturnType<typeof shown> | undefined;
afterEach(() => table?.unmount());

const columns: Column<string>[] = [{ key: "name", word: "Name", text: (row) => row, by: (row) => row }, { key: "length", word: "Length", text: (row) => String(row.length) }];

function viewOf(order = ""): TableView<string> {
  return { list: "rows", all: ref(columns), shown: ref(columns.slice(0, 1)), dense: ref(false), order: ref(order), choose: () => undefined };
}
function shown(rows: number | string[], more: { table?: TableView<string>; whole?: boolean; pickable?: (row: string) => boolean; picked?: Set<string> } = {}) {
  return mount(RowTable<string>, {
    attachTo: document.body,
    global: { plugins: [i18n] },
    props: { label: "rows", testid: "t", rowTestid: "r", table: more.table ?? viewOf(), rows: Array.isArray(rows) ? rows : rowsOf(rows), keyOf: (row: string) => row, chosen: "row 1", loading: false, whole: more.whole ?? true, ...(more.pickable ? { pickable: more.pickable, picked: more.picked ?? new Set<string>() } : {}) },
  });
}
const told = () => table?.findAll("[data-row]").map((row) => row.text());
const press = (key: string, on: Element = document.body) => on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const here = () => document.activeElement?.textContent;

test("J and K walk the rows, and stop at the ends", () => {
  table = shown(3);
  press("j");
  expect(here()).toBe("row 0");
  press("j", document.activeElement as Element);
  press("j", document.activeElement as Element);
  press("j", document.activeElement as Element);
  expect(here()).toBe("row 2");
  press("k", document.activeElement as Element);
  expect(here()).toBe("row 1");
});

test("Enter on a row opens it, and so does a click", async () => {
  table = shown(3);
  await table.get("[data-testid='r-row 2']").trigger("keydown", { key: "Enter" });
  await table.get("[data-testid='r-row 0']").trigger("click");
  expect(table.emitted("choose")).toEqual([["row 2"], ["row 0"]]);
});

test("what is typed in a field walks nowhere", () => {
  table = shown(3);
  const field = document.body.appendChild(document.createElement("input"));
  press("j", field);
  expect(document.activeElement).toBe(document.body);
  field.remove();
});

test("of ten thousand rows only some are made, and the table says how many there are", () => {
  table = shown(10_000);
  expect(table.findAll("[data-row]").length).toBeLessThan(150);
  expect(table.get("table").attributes("aria-rowcount")).toBe("10001");
});

test("a head that is pressed orders up, then down, then as the list comes", async () => {
  table = shown(["b", "c", "a"]);
  const head = table.get("[data-testid='t-sort-name']");
  const seen = [told()];
  for (let press = 0; press < 3; press++) {
    await head.trigger("click");
    seen.push(told());
  }
  expect(seen).toEqual([["b", "c", "a"], ["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"]]);
});

test("of a list that is not all there nothing is ordered, and the head says why", () => {
  table = shown(["b", "a"], { table: viewOf("name"), whole: false });
  expect(told()).toEqual(["b", "a"]);
  expect(table.get("[data-testid='t-sort-name']").attributes("title")).toContain("全部行");
});

test("a row keeps its place when what it is ordered by changes", async () => {
  const of = new Map([["x", 1], ["y", 2]]);
  const byValue: Column<string> = { key: "value", word: "Value", text: (row) => String(of.get(row)), by: (row) => of.get(row) ?? null };
  table = shown(["y", "x"], { table: { ...viewOf("value"), all: ref([byValue]), shown: ref([byValue]) } });
  expect(told()).toEqual(["1", "2"]);
  of.set("x", 9);
  await table.setProps({ rows: ["y", "x"] });
  expect(told()).toEqual(["9", "2"]);
});

test("rows are picked by their box, by Space, and all that may be at once", async () => {
  table = shown(["a", "b", "c"], { pickable: (row) => row !== "b", picked: new Set(["a"]) });
  expect(table.findAll("[data-testid='r-pick']")).toHaveLength(2);
  await table.get("[data-testid='r-c']").trigger("keydown", { key: " " });
  await table.get("[data-testid='r-b']").trigger("keydown", { key: " " });
  await table.get("[data-testid='r-a'] input").trigger("change");
  await table.get("[data-testid='t-pick-all']").trigger("change");
  expect(table.emitted("pick")).toEqual([[["c"], true], [["a"], false], [["a", "c"], true]]);
  expect(table.emitted("choose")).toBeUndefined();
});

test("J walks on from a box that was just pressed", () => {
  table = shown(["a", "b"], { pickable: () => true });
  const pressed = table.get("[data-testid='r-a'] input").element as HTMLInputElement;
  pressed.focus();
  press("j", pressed);
  expect(here()).toBe("b");
});
