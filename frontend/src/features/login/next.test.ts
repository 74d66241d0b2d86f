import { expect, test } from "vitest";

import { nextOf } from "./next";

test("a deep link of this page is followed", () => {
  expect(nextOf("/gov/alarms?outlet=bench-gas-1")).toBe("/gov/alarms?outlet=bench-gas-1");
});

test.each(["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/login?next=/", "", undefined])(
  "%s leads home, never elsewhere",
  (asked) => expect(nextOf(asked)).toBe("/"),
);
