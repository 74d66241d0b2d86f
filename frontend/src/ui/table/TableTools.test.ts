import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { defineComponent, h } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";

import { begin } from "@/api/session";
import { i18n } from "@/ui/language";

import type { Column } from "./columns";
import { useTable } from "./table";
import TableTools from "./TableTools.vue";

const CONFIG = { apiUrl: "/api", idp: { url: "/idp/", clientId: "c", region: "r" }, version: "1" };
const columns: Column<string>[] = [
  { key: "name", word: "名称", text: (row) => row, by: (row) => row },
  { key: "code", word: "编码", text: (row) => row.toUpperCase(), usual: "never" },
];
let personId = "wang";
const saved: Blob[] = [];

beforeEach(() => {
  localStorage.clear();
  saved.length = 0;
  personId = "wang";
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  begin({ accessToken: "T", refreshToken: "R", expiresAt: Date.now() + 3_600_000 });
  vi.stubGlobal("fetch", async (url: string) => Response.json(url === "/config.json" ? CONFIG : { personId }));
  URL.createObjectURL = (file) => `blob:${saved.push(file as Blob)}`;
});

async function tools(address = "/list", source: () => Promise<string[]> = async () => ["a", "b"]) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/list", component: { render: () => null } }] });
  await router.push(address);
  const Host = defineComponent({ setup: () => { const table = useTable("list", () => columns); return () => [h("p", table.shown.value.map((each) => each.key).join(" ")), h(TableTools<string>, { title: "清单", table, source, opened: ["open"] })]; } });
  const host = mount(Host, { global: { plugins: [i18n, router, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  await flushPromises();
  const press = async (name: string) => {
    await host.get(`[data-testid='${name}']`).trigger("click");
    await flushPromises();
  };
  return { host, router, press, shown: () => host.get("p").text() };
}

test("a chosen column stays chosen for the person, and not for the next one", async () => {
  const first = await tools();
  await first.press("table-columns");
  await first.press("table-column-code");
  expect(first.shown()).toBe("name code");
  expect((await tools()).shown()).toBe("name code");
  personId = "li";
  expect((await tools()).shown()).toBe("name");
});

test("the last column cannot be put away", async () => {
  const { press, shown } = await tools();
  await press("table-columns");
  await press("table-column-name");
  expect(shown()).toBe("name");
});

test("the columns of an address come before those that are kept", async () => {
  expect((await tools("/list?cols=code")).shown()).toBe("code");
});

test("the file holds the shown columns, or all of them when asked", async () => {
  const { press } = await tools();
  await press("table-export");
  await press("table-export-shown");
  await press("table-export");
  await press("table-export-all");
  expect(await Promise.all(saved.map((file) => file.text()))).toEqual(["名称\r\na\r\nb\r\n", "名称,编码\r\na,A\r\nb,B\r\n"].map((text) => expect.stringContaining(text)));
});

test("the file is in the order of the table", async () => {
  const { press } = await tools("/list?sort=-name");
  await press("table-export");
  await press("table-export-shown");
  expect(await saved[0]?.text()).toContain("名称\r\nb\r\na\r\n");
});

test("a view holds the filters, not what stands open, and opens again as it was", async () => {
  const { host, router, press } = await tools("/list?type=EXCEED&open=al-1");
  await press("table-views");
  await press("table-view-save");
  await host.get("[data-testid='table-view-name']").setValue("超标");
  await host.get(".view-box").trigger("submit");
  await router.push("/list?region=150500");
  await press("table-views");
  await press("table-view-超标");
  expect(router.currentRoute.value.query).toEqual({ type: "EXCEED", cols: "name" });
});

test("an export that is cancelled saves nothing", async () => {
  let answer: (rows: string[]) => void = () => undefined;
  const { press } = await tools("/list", () => new Promise((resolve) => (answer = resolve)));
  await press("table-export");
  await press("table-export-shown");
  await press("table-export-cancel");
  answer(["late"]);
  await flushPromises();
  expect(saved).toEqual([]);
});
