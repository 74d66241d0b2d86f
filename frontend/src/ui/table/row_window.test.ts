import { expect, test } from "vitest";

import { windowOf } from "./row_window";

test("a short list is made whole", () => {
  expect(windowOf(-4_000, 800, 36, 120)).toEqual({ first: 0, last: 120 });
});

test("of ten thousand rows those on the screen are made, and twenty beyond each edge", () => {
  expect(windowOf(-36_000, 720, 36, 10_000)).toEqual({ first: 980, last: 1_040 });
});

test("the ends are not overrun", () => {
  expect(windowOf(200, 720, 36, 10_000).first).toBe(0);
  expect(windowOf(-400_000, 720, 36, 10_000)).toEqual({ first: 10_000, last: 10_000 });
  expect(windowOf(5_000, 720, 36, 10_000)).toEqual({ first: 0, last: 40 });
});
