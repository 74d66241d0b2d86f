import { beforeEach, expect, test, vi } from "vitest";

import { command, forgetAnswers, get, queryString } from "./client";
import { Problem, Unreachable } from "./problem";
import { begin, end, loggedIn } from "./session";

const CONFIG = { apiUrl: "/api", idp: { url: "/idp/", clientId: "c", region: "r" }, version: "1" };
const asked = vi.fn<(url: string, init: RequestInit) => Response>();

beforeEach(() => {
  forgetAnswers();
  asked.mockReset();
  begin({ accessToken: "T", refreshToken: "R", expiresAt: Date.now() + 3_600_000 });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) =>
    url === "/config.json" ? Response.json(CONFIG) : asked(url, init),
  );
});
const header = (call: number, name: string) => new Headers(asked.mock.calls[call]?.[1].headers).get(name);

test("a second question carries the ETag, and 304 gives the same answer again", async () => {
  asked.mockReturnValueOnce(Response.json({ items: [1] }, { headers: { ETag: '"v1"' } }));
  asked.mockReturnValueOnce(new Response(null, { status: 304 }));
  const first = await get("/outlets");
  const second = await get("/outlets");
  expect(header(0, "If-None-Match")).toBeNull();
  expect(header(1, "If-None-Match")).toBe('"v1"');
  expect(second).toBe(first);
});

test("a refusal keeps its sentence in both languages and its trace id", async () => {
  asked.mockReturnValue(Response.json({ detail: "no such outlet", detailZh: "没有这个排口", traceId: "t-1" }, { status: 404 }));
  const fault = await get("/outlets/x").catch((thrown: unknown) => thrown);
  expect(fault).toBeInstanceOf(Problem);
  expect((fault as Problem).sentence("zh-CN")).toBe("没有这个排口");
  expect((fault as Problem).sentence("en")).toBe("no such outlet");
  expect((fault as Problem).traceId).toBe("t-1");
});

test("a command carries its idempotency key", async () => {
  asked.mockReturnValue(Response.json({}));
  await command("/alarms/a/acknowledge", { reason: "" }, "key-1");
  expect(header(0, "Idempotency-Key")).toBe("key-1");
});

test("a token that the platform refuses is renewed once; a refused renewal ends the session", async () => {
  asked.mockImplementation((url) =>
    url === "/idp/" ? Response.json({ __type: "NotAuthorizedException" }, { status: 400 }) : new Response(null, { status: 401 }),
  );
  await expect(get("/me")).rejects.toThrow("login refused");
  expect(loggedIn.value).toBe(false);
  end();
});

test("silence is told apart from refusal", async () => {
  asked.mockImplementation(() => {
    throw new TypeError("failed to fetch");
  });
  await expect(get("/me")).rejects.toBeInstanceOf(Unreachable);
});

test("what is not said is not asked", () => {
  expect(queryString({ region: "", factor: null, outlet: "bench-gas-1" })).toBe("?outlet=bench-gas-1");
});
