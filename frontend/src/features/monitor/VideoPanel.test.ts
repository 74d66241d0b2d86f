import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import type { Camera, Media, Outlet } from "@/api/resources";
import { i18n } from "@/ui/language";

import VideoPanel from "./VideoPanel.vue";

const EIGHT = Date.parse("2026-11-27T08:00:00+08:00");
const MINUTE = 60_000;
const CAMERA: Camera = { cameraId: "o-cam1", outletId: "o", name: { zh: "排气筒", en: "Stack" }, state: "ok", detail: "", since: null };
const OUTLET = { outletId: "o", state: "online", name: { zh: "排口", en: "Outlet" }, cameras: 1 } as Outlet;

function clip(id: string, start: number): Media {
  const at = (minute: number) => new Date(EIGHT + minute * MINUTE).toISOString();
  return {
    mediaId: id, outletId: "o", cameraId: "o-cam1", kind: "clip", start: at(start), end: at(start + 3), recordedAt: at(start), cause: "", complete: true,
    check: "verified", sha256: "ab".repeat(32), bytes: 1, pieces: 1, form: "file", thing: "edge-1", sequence: 1,
  };
}

function panel(said: Partial<{ camera: Camera; outlet: Outlet; media: Media[]; cursor: number | null }> = {}) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/", component: { template: "<i />" } }] });
  const camera = said.camera ?? CAMERA;
  return mount(VideoPanel, {
    props: { outlet: said.outlet ?? OUTLET, cameras: [camera], camera, media: said.media ?? [], loading: false, fault: undefined, cursor: said.cursor ?? null },
    global: { plugins: [i18n, router, [VueQueryPlugin, { queryClient: new QueryClient() }]] },
  });
}
const id = (name: string) => `[data-testid="${name}"]`;
const viewOf = (shown: ReturnType<typeof panel>) => shown.find(".film").attributes("data-view");

beforeEach(() => {
  vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("offline"))));
});

test("nothing plays before someone asks, and an empty range says so", () => {
  const shown = panel();
  expect(viewOf(shown)).toBe("idle");
  expect(shown.find("video").exists()).toBe(false);
  expect(shown.find(id("R02-no-media")).exists()).toBe(true);
});

test("the cursor opens the clip that shows its time, and says when none does", async () => {
  const shown = panel({ media: [clip("second", 15), clip("first", 0)], cursor: EIGHT + MINUTE });
  expect(shown.find(id("R02-clip")).attributes("data-media")).toBe("first");
  await shown.setProps({ cursor: EIGHT + 16 * MINUTE });
  expect(shown.find(id("R02-clip")).attributes("data-media")).toBe("second");
  await shown.setProps({ cursor: EIGHT + 8 * MINUTE });
  expect(shown.find(id("R02-uncovered")).text()).toContain("08:00");
  await shown.find(`${id("R02-uncovered")} button`).trigger("click");
  expect(shown.emitted("point")?.at(-1)).toEqual([EIGHT]);
});

test("the cursor never takes a viewer away from live", async () => {
  const shown = panel({ media: [clip("first", 0)] });
  await shown.find(id("R02-act-live")).trigger("click");
  await shown.setProps({ cursor: EIGHT + MINUTE });
  expect(viewOf(shown)).toBe("live");
  await flushPromises();
  expect(shown.find(id("R02-live-lost")).exists()).toBe(true);
  await shown.find(id("R02-video")).trigger("keydown", { key: "Escape" });
  expect(viewOf(shown)).not.toBe("live");
});

test("a camera that is not well says why and since when; an edge that is away comes first", () => {
  const frozen: Camera = { ...CAMERA, state: "failing", detail: "frozen", since: "2026-11-27T07:00:00+08:00" };
  expect(panel({ camera: frozen }).find(id("R02-camera-trouble")).text()).toContain("11-27 07:00");
  const away = panel({ camera: frozen, outlet: { ...OUTLET, state: "offline" } as Outlet });
  expect(away.find(id("R02-camera-trouble")).text()).not.toContain("07:00");
});
