import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { mount } from "@vue/test-utils";
import { describe, expect, it, test, vi } from "vitest";
import { defineComponent } from "vue";

import { begin } from "@/api/session";
import { i18n } from "@/ui/language";

import { base64, useSheet } from "./sheet";

const CONFIG = { apiUrl: "/api", idp: { url: "/idp/", clientId: "c", region: "r" }, version: "1" };

test("an empty sheet that cannot be had is told, and none is saved", async () => {
  begin({ accessToken: "T", refreshToken: "R", expiresAt: Date.now() + 3_600_000 });
  vi.stubGlobal("fetch", async (url: string) => (url === "/config.json" ? Response.json(CONFIG) : Response.json({}, { status: 503 })));
  const saved = vi.fn<() => string>(() => "blob:x");
  URL.createObjectURL = saved;
  let sheet: ReturnType<typeof useSheet> | undefined;
  mount(defineComponent({ setup: () => ((sheet = useSheet()), () => null) }), { global: { plugins: [i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  await sheet?.fetchEmpty();
  expect(sheet?.refusal.value).not.toBe("");
  expect(saved).not.toHaveBeenCalled();
});

describe("base64", () => {
  it("writes what RFC 4648 writes", () => {
    const written = (text: string) => base64(new TextEncoder().encode(text));
    expect([written(""), written("f"), written("fo"), written("foobar")]).toEqual(["", "Zg==", "Zm8=", "Zm9vYmFy"]);
  });

  it("writes files longer than one step whole", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
    const back = Uint8Array.from(atob(base64(bytes)), (letter) => letter.charCodeAt(0));
    expect(back).toEqual(bytes);
  });
});
