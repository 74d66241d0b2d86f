import { describe, expect, it } from "vitest";

import { HEIGHT, pathOf, spanOf, WIDTH, yOf } from "./clock_line";

describe("the line of a clock", () => {
  it("always shows the limit of two minutes, and what lies beyond", () => {
    expect(spanOf([])).toBe(150);
    expect(spanOf([{ at: 0, offset: -1000 }])).toBeCloseTo(1100);
  });
  it("is in the middle when right, above when ahead", () => {
    expect(yOf(0, 150)).toBe(HEIGHT / 2);
    expect(yOf(150, 150)).toBe(0);
    expect(yOf(-150, 150)).toBe(HEIGHT);
  });
  it("holds each offset until the next", () => {
    expect(pathOf([{ at: 0, offset: 0 }, { at: 50, offset: 75 }], 0, 100)).toBe(`M0 32H200V16H${WIDTH}`);
    expect(pathOf([], 0, 100)).toBe("");
  });
});
