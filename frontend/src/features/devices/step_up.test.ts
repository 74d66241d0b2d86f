import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { defineComponent } from "vue";

import type { PlantCommand } from "@/api/resources";
import { accessToken, begin } from "@/api/session";
import { i18n } from "@/ui/language";

import { useCommanding } from "./commanding";
import StepUpBox from "./StepUpBox.vue";

const CONFIG = { apiUrl: "/api", idp: { url: "/idp/", clientId: "c", region: "r" }, version: "1" };
const TOO_OLD = { type: "urn:plume:login-too-old", detail: "log in again to do this", detailZh: "此操作须重新验证身份" };
const asked = vi.fn<(url: string, init: RequestInit) => Response>();
const id = (name: string) => `[data-testid="${name}"]`;

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  asked.mockReset();
  begin({ accessToken: "old", refreshToken: "R", expiresAt: Date.now() + 3_600_000 });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => (url === "/config.json" ? Response.json(CONFIG) : asked(url, init)));
});

function commanding() {
  let found: ReturnType<typeof useCommanding> | undefined;
  const Host = defineComponent({ setup: () => ((found = useCommanding()), () => null) });
  mount(Host, { global: { plugins: [i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  return found as ReturnType<typeof useCommanding>;
}
const box = () => mount(StepUpBox, { props: { username: "wang" }, global: { plugins: [i18n] } });
const COMMAND = { commandId: "CM1" } as PlantCommand;

test("a login that is too old asks for the password; any other refusal does not", async () => {
  const { decide, proving, refusal } = commanding();
  asked.mockReturnValueOnce(Response.json(TOO_OLD, { status: 403 }));
  expect(await decide(COMMAND, "approve", "")).toBe(false);
  expect([proving.value, refusal.value]).toEqual([true, "此操作须重新验证身份"]);
  asked.mockReturnValueOnce(Response.json({ type: "about:blank", detailZh: "须由另一人复核" }, { status: 403 }));
  expect(await decide(COMMAND, "approve", "")).toBe(false);
  expect([proving.value, refusal.value]).toEqual([false, "须由另一人复核"]);
  asked.mockReturnValueOnce(Response.json(COMMAND));
  expect(await decide(COMMAND, "approve", "")).toBe(true);
});

test("the password, and the code where there is one, give a new session", async () => {
  const shown = box();
  asked.mockReturnValueOnce(Response.json({ ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "s" }));
  await shown.find(id("A10-step-up-password")).setValue("secret");
  await shown.find("form").trigger("submit");
  await flushPromises();
  expect(JSON.parse(String(asked.mock.calls[0]?.[1].body)).AuthParameters).toEqual({ USERNAME: "wang", PASSWORD: "secret" });
  asked.mockReturnValueOnce(Response.json({ AuthenticationResult: { AccessToken: "new", RefreshToken: "R2", ExpiresIn: 3600 } }));
  await shown.find(id("A10-step-up-code")).setValue("123456");
  await shown.find("form").trigger("submit");
  await flushPromises();
  expect(shown.emitted("proved")).toHaveLength(1);
  expect(await accessToken()).toBe("new");
});

test("a wrong password is refused, and the session stays as it was", async () => {
  const shown = box();
  asked.mockReturnValueOnce(Response.json({ __type: "NotAuthorizedException" }, { status: 400 }));
  await shown.find(id("A10-step-up-password")).setValue("wrong");
  await shown.find("form").trigger("submit");
  await flushPromises();
  expect(shown.find("[role=alert]").text()).toBe(i18n.global.t("login.refused"));
  expect(shown.emitted("proved")).toBeUndefined();
  expect(await accessToken()).toBe("old");
});
