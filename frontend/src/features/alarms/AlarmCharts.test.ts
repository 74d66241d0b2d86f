import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import type { AlarmCounts } from "@/api/resources";
import { begin } from "@/api/session";
import { i18n } from "@/ui/language";

import AlarmCharts from "./AlarmCharts.vue";

const CONFIG = { apiUrl: "/api", idp: { url: "/idp/", clientId: "c", region: "r" }, version: "1" };
const of = (L1: number, L2 = 0, L3 = 0) => ({ L1, L2, L3, L4: 0, L5: 0 });
const COUNTS: AlarmCounts = {
  total: 9, active: 4, awaitingResponse: 3, whole: true,
  byType: [{ type: "EXCEED", counts: of(2, 6) }, { type: "CLOCK", counts: of(0, 0, 1) }],
  byRegion: [{ region: "150523", name: { zh: "开鲁县", en: "Kailu" }, counts: of(2, 6, 1) }],
};

beforeEach(() => {
  localStorage.clear();
  begin({ accessToken: "T", refreshToken: "R", expiresAt: Date.now() + 3_600_000 });
  vi.stubGlobal("fetch", async (url: string) => Response.json(url === "/config.json" ? CONFIG : { personId: "wang" }));
});

async function charts(counts: AlarmCounts = COUNTS, side = "gov") {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/list", component: { render: () => null } }] });
  await router.push("/list");
  const shown = mount(AlarmCharts, { props: { counts, side }, global: { plugins: [i18n, router, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  await flushPromises();
  const press = async (name: string) => {
    await shown.get(`[data-testid='${name}']`).trigger("click");
    await flushPromises();
  };
  return { shown, press, query: () => router.currentRoute.value.query };
}

test("the sums stand there before anything is opened, and what is opened stays so", async () => {
  const { shown, press } = await charts();
  expect(shown.get("[data-testid='R03-total']").text()).toBe("共 9 条");
  expect(shown.findAll("figure")).toHaveLength(0);
  await press("R03-charts-open");
  expect((await charts()).shown.findAll("figure")).toHaveLength(2);
});

test("a bar is as long as its share of the longest, in parts by severity, and says so in words", async () => {
  const { shown, press } = await charts();
  await press("R03-charts-open");
  const bar = shown.get("[data-testid='R03-bar-type-EXCEED']");
  expect(bar.findAll("i").map((part) => part.attributes("style"))).toEqual(["width: 25%;", "width: 75%;"]);
  expect(bar.attributes("aria-label")).toBe("超标 8: 特别重大 2, 重大 6");
  expect(shown.get("[data-testid='R03-bar-type-CLOCK'] i").attributes("style")).toBe("width: 12.5%;");
});

test("bars choose what they count: types together, one county, and let go when pressed again", async () => {
  const { press, query } = await charts();
  await press("R03-charts-open");
  await press("R03-bar-type-EXCEED");
  await press("R03-bar-type-CLOCK");
  await press("R03-bar-region-150523");
  expect(query()).toEqual({ type: "EXCEED,CLOCK", region: "150523" });
  await press("R03-bar-type-EXCEED");
  await press("R03-bar-region-150523");
  expect(query()).toEqual({ type: "CLOCK" });
});

test("a part of many alarms is not told as all of them", async () => {
  const { shown } = await charts({ ...COUNTS, whole: false });
  expect(shown.get("[data-testid='R03-total']").text()).toContain("只统计最近变化的 9 条");
});

test("an enterprise, which has one county, is shown no chart of counties", async () => {
  const { shown, press } = await charts(COUNTS, "ent");
  await press("R03-charts-open");
  expect(shown.findAll("figure")).toHaveLength(1);
});
