import { mount } from "@vue/test-utils";
import { h } from "vue";
import { afterEach, expect, test } from "vitest";

import RowTable from "./RowTable.vue";

const rowsOf = (count: number) => Array.from({ length: count }, (_, at) => `row ${at}`);
let table: ReturnType<typeof shown> | undefined;
afterEach(() => table?.unmount());

function shown(count: number) {
  return mount(RowTable<string>, {
    attachTo: document.body,
    props: { label: "rows", testid: "t", rowTestid: "r", columns: [{ key: "name", word: "Name" }], rows: rowsOf(count), keyOf: (row: string) => row, chosen: "row 1", loading: false },
    slots: { default: ({ row }: { row: string }) => h("td", row) },
  });
}
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
