import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { defineComponent, ref } from "vue";

import type { Alarm } from "@/api/resources";
import { begin } from "@/api/session";
import { i18n } from "@/ui/language";
import { toasts } from "@/ui/toast";

import { useBatch } from "./batch";

const CONFIG = { apiUrl: "/api", idp: { url: "/idp/", clientId: "c", region: "r" }, version: "1" };
const asked = vi.fn<(url: string, init: RequestInit) => Response>();
const alarm = (alarmId: string, commands = ["acknowledge"]) => ({ alarmId, commands, handling: "awaiting_response" }) as Alarm;
const responded = (alarmId: string) => ({ ...alarm(alarmId, []), handling: "responded" });

beforeEach(() => {
  asked.mockReset();
  toasts.value = [];
  begin({ accessToken: "T", refreshToken: "R", expiresAt: Date.now() + 3_600_000 });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => (url === "/config.json" ? Response.json(CONFIG) : asked(url, init)));
});

function batchOf(...alarms: Alarm[]) {
  const rows = ref(alarms);
  let found: ReturnType<typeof useBatch> | undefined;
  const put = (changed: Alarm) => (rows.value = rows.value.map((each) => (each.alarmId === changed.alarmId ? changed : each)));
  const Host = defineComponent({ setup: () => ((found = useBatch(() => rows.value, put)), () => null) });
  mount(Host, { global: { plugins: [i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  return { batch: found as ReturnType<typeof useBatch>, rows };
}
const idOf = (url: string) => url.split("/")[3] as string;
const posts = () => asked.mock.calls.filter(([, init]) => init.method === "POST");

test("each alarm is responded to for itself, with the note and a key of its own", async () => {
  const { batch, rows } = batchOf(alarm("a"), alarm("b"), alarm("c"));
  asked.mockImplementation((url) => Response.json(responded(idOf(url))));
  batch.pick(["a", "c"], true);
  await batch.confirm("已电话核实");
  expect(posts().map(([url, init]) => [url, init.body])).toEqual(["a", "c"].map((id) => [`/api/alarms/${id}/acknowledge`, '{"reason":"已电话核实"}']));
  expect(new Set(posts().map(([, init]) => new Headers(init.headers).get("Idempotency-Key"))).size).toBe(2);
  expect(rows.value.map((each) => each.handling)).toEqual(["responded", "awaiting_response", "responded"]);
  expect(batch.chosen.value).toEqual([]);
});

test("one that someone else took hinders no other, and is told apart", async () => {
  const { batch, rows } = batchOf(alarm("a"), alarm("b"));
  asked.mockImplementation((url, init) => (init.method === "POST" && idOf(url) === "a" ? Response.json({ detail: "taken" }, { status: 409 }) : Response.json(responded(idOf(url)))));
  batch.pick(["a", "b"], true);
  await batch.confirm("");
  expect(rows.value.every((each) => each.handling === "responded")).toBe(true);
  expect(toasts.value.at(-1)?.text).toBe("已响应 1 条，1 条已由他人处理，0 条未成功");
});

test("what failed stays chosen, and is sent again under the same key", async () => {
  const { batch } = batchOf(alarm("a"));
  asked.mockReturnValueOnce(Response.json({}, { status: 503 }));
  batch.pick(["a"], true);
  batch.asking.value = true;
  await batch.confirm("");
  expect([batch.chosen.value.length, batch.asking.value]).toEqual([1, true]);
  asked.mockImplementation((url) => Response.json(responded(idOf(url))));
  await batch.confirm("");
  await flushPromises();
  const [first, second] = posts().map(([, init]) => new Headers(init.headers).get("Idempotency-Key"));
  expect(first).toBe(second);
  expect(batch.asking.value).toBe(false);
});

test("an alarm that awaits a response again is not picked by itself, and is responded to under a new key", async () => {
  const { batch, rows } = batchOf(alarm("a"));
  asked.mockImplementation((url) => Response.json(responded(idOf(url))));
  batch.pick(["a"], true);
  await batch.confirm("");
  rows.value = [alarm("a")];
  expect(batch.chosen.value).toEqual([]);
  batch.pick(["a"], true);
  await batch.confirm("");
  expect(new Set(posts().map(([, init]) => new Headers(init.headers).get("Idempotency-Key"))).size).toBe(2);
});

test("one that was taken and cannot be shown now keeps no other from being responded to", async () => {
  const { batch } = batchOf(alarm("a"), alarm("b"));
  asked.mockImplementation((url, init) => {
    if (idOf(url) !== "a") return Response.json(responded(idOf(url)));
    return Response.json({}, { status: init.method === "POST" ? 409 : 503 });
  });
  batch.pick(["a", "b"], true);
  await batch.confirm("");
  expect(posts()).toHaveLength(2);
  expect(toasts.value.at(-1)?.text).toBe("已响应 1 条，1 条已由他人处理，0 条未成功");
});

test("an alarm that nobody may respond to is not chosen", () => {
  const { batch } = batchOf(alarm("a", []), alarm("b"));
  batch.pick(["a", "b"], true);
  expect(batch.chosen.value.map((each) => each.alarmId)).toEqual(["b"]);
});
