import { expect, test } from "vitest";

import { clustersOf } from "./clusters";

test("what would cover one another becomes one, in the middle of its members", () => {
  const clusters = clustersOf([{ item: "a", x: 0, y: 0 }, { item: "b", x: 10, y: 0 }, { item: "c", x: 100, y: 0 }], 34);
  expect(clusters).toEqual([{ x: 5, y: 0, items: ["a", "b"] }, { x: 100, y: 0, items: ["c"] }]);
});

test("no enterprise is lost or counted twice", () => {
  const placed = Array.from({ length: 500 }, (_, item) => ({ item, x: (item * 37) % 400, y: (item * 91) % 300 }));
  expect(clustersOf(placed, 34).flatMap((cluster) => cluster.items).sort((a, b) => a - b)).toEqual(placed.map(({ item }) => item));
});
